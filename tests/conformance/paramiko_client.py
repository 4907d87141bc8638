"""Paramiko as a client of the front door: paramiko_client.py WHAT PORT LOGIN KEY KNOWN_HOSTS FOLDER ECHO_PORT.

Ends with status 0 if WHAT works; otherwise it says what does not. FOLDER is the same here and in the workspace, and
holds the file `from`; a server at ECHO_PORT sends back what it gets.
"""
import filecmp
import logging
import os
import socket
import sys
import threading

import paramiko


def expect(got, wanted):
    if got != wanted:
        sys.exit('got %.200r instead of %.200r' % (got, wanted))


def exactly(channel, size):
    got = b''
    while len(got) < size:
        more = channel.recv(65536)
        if not more:
            break
        got += more
    return got


def until(channel, wanted):
    got = b''
    while wanted not in got:
        more = channel.recv(65536)
        if not more:
            sys.exit('%r ended without %r' % (got, wanted))
        got += more


def command(client):
    stdin, stdout, stderr = client.exec_command('cat; echo err >&2; exit 7')
    stdin.write('in\n')
    stdin.channel.shutdown_write()
    expect(stdout.read(), b'in\n')
    expect(stderr.read(), b'err\n')
    expect(stdout.channel.recv_exit_status(), 7)


def large_files(client):
    stdin, stdout, _ = client.exec_command('cat >"%s/up"' % folder)
    with open(folder + '/from', 'rb') as file:
        while block := file.read(1 << 20):
            stdin.write(block)
    stdin.flush()
    stdin.channel.shutdown_write()
    expect(stdout.channel.recv_exit_status(), 0)
    _, stdout, _ = client.exec_command('cat "%s/up"' % folder)
    with open(folder + '/down', 'wb') as file:
        while block := stdout.read(1 << 20):
            file.write(block)
    expect(stdout.channel.recv_exit_status(), 0)
    for name in 'up', 'down':
        expect(filecmp.cmp(folder + '/from', folder + '/' + name, shallow=False), True)


def terminal(client):
    channel = client.invoke_shell('vt100', 101, 33)
    channel.send('echo size=$(stty size) $TERM.\n')
    until(channel, b'size=33 101 vt100.')
    channel.resize_pty(120, 40)
    channel.send('echo size=$(stty size).\n')
    until(channel, b'size=40 120.')
    channel.send('exit 5\n')
    expect(channel.recv_exit_status(), 5)


def forward(client):
    data = os.urandom(1 << 20)
    transport = client.get_transport()
    channel = transport.open_channel('direct-tcpip', ('localhost', echo_port), ('127.0.0.1', 1))
    sender = threading.Thread(target=channel.sendall, args=(data,))
    sender.start()
    expect(exactly(channel, len(data)) == data, True)
    sender.join()
    channel.shutdown_write()
    expect(channel.recv(1), b'')
    port = transport.request_port_forward('127.0.0.1', 0)
    visitor = socket.create_connection(('127.0.0.1', port))
    visitor.sendall(b'knock')
    channel = transport.accept(20)
    expect(exactly(channel, 5), b'knock')
    channel.sendall(b'come in')
    expect(visitor.recv(7, socket.MSG_WAITALL), b'come in')
    transport.cancel_port_forward('127.0.0.1', port)


def sftp(client):
    session = client.open_sftp()
    session.chdir(folder)
    session.put(folder + '/from', folder + '/s-up')
    session.get('s-up', folder + '/s-down')
    for name in 's-up', 's-down':
        expect(filecmp.cmp(folder + '/from', folder + '/' + name, shallow=False), True)
    expect(session.stat('s-up').st_size, os.path.getsize(folder + '/from'))
    session.mkdir('made', 0o700)
    session.posix_rename('s-up', 'made/moved')
    expect(session.listdir('made'), ['moved'])
    session.symlink('moved', 'made/link')
    expect(session.readlink('made/link'), 'moved')
    session.chmod('made/moved', 0o640)
    expect(session.lstat('made/moved').st_mode & 0o777, 0o640)
    with session.open('made/moved', 'r+') as file:
        file.seek(5)
        file.write(b'patched')
        file.truncate(100)
    with open(folder + '/made/moved', 'rb') as file:
        expect(file.read()[5:12], b'patched')
    try:
        session.stat('not-there')
        sys.exit('what is not there was found')
    except FileNotFoundError:
        pass
    session.remove('made/link')
    session.remove('made/moved')
    session.rmdir('made')


def farewell(client):
    """What the server has to say to a client that breaks its promise is what the workspace says."""
    heard = []

    class Listener(logging.Handler):
        def emit(self, record):
            heard.append(record.getMessage())

    logging.getLogger('paramiko').addHandler(Listener())
    logging.getLogger('paramiko').setLevel(logging.INFO)
    transport = client.get_transport()
    transport.global_request('no-more-sessions@openssh.com', wait=False)
    try:
        transport.open_session(timeout=20)
        sys.exit('a session was opened after all')
    except (paramiko.SSHException, EOFError):
        pass
    transport.join(20)
    wanted = ('Disconnect (code 11): The workspace ended the connection: '
              'Possible attack: attempt to open a session after additional sessions disabled')
    expect([line for line in heard if line.startswith('Disconnect')], [wanted])


what, port, login, key, known_hosts, folder, echo_port = sys.argv[1:]
echo_port = int(echo_port)
with paramiko.SSHClient() as ssh:
    ssh.load_host_keys(known_hosts)
    ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
    ssh.connect('127.0.0.1', int(port), login, key_filename=key, allow_agent=False, look_for_keys=False, timeout=20)
    {'command': command, 'large-files': large_files, 'terminal': terminal, 'forward': forward, 'sftp': sftp,
     'farewell': farewell}[what](ssh)
