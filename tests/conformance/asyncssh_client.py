"""AsyncSSH as a client of the front door; the arguments are those of paramiko_client.py."""
import asyncio
import filecmp
import os
import sys
import warnings

warnings.simplefilter('ignore')  # of ciphers that are old
import asyncssh  # noqa: E402


def expect(got, wanted):
    if got != wanted:
        sys.exit('got %.200r instead of %.200r' % (got, wanted))


async def command(ssh):
    result = await ssh.run('cat; echo err >&2; exit 7', input='in\n')
    expect((result.stdout, result.stderr, result.exit_status), ('in\n', 'err\n', 7))
    for name in 'TERM', 'KILL', 'USR1':
        result = await ssh.run('kill -%s $$' % name)
        expect(result.exit_signal and result.exit_signal[0], name)
    # Many sessions over one connection.
    results = await asyncio.gather(*[ssh.run('echo %d; exit %d' % (i, i)) for i in range(8)])
    expect([(r.stdout, r.exit_status) for r in results], [('%d\n' % i, i) for i in range(8)])


async def signal(ssh):
    process = await ssh.create_process('echo ready; exec cat')
    await process.stdout.readline()
    process.terminate()
    result = await process.wait()
    expect(result.exit_signal and result.exit_signal[0], 'TERM')


async def no_signal(ssh):
    process = await ssh.create_process('echo ready; exec cat')
    await process.stdout.readline()
    process.terminate()
    process.stdin.write('still there\n')
    expect(await process.stdout.readline(), 'still there\n')
    process.stdin.write_eof()
    expect((await process.wait()).exit_status, 0)


async def large_files(ssh):
    result = await ssh.run('cat >"%s/up"' % folder, stdin=folder + '/from', encoding=None)
    expect(result.exit_status, 0)
    result = await ssh.run('cat "%s/up"' % folder, stdout=folder + '/down', encoding=None)
    expect(result.exit_status, 0)
    for name in 'up', 'down':
        expect(filecmp.cmp(folder + '/from', folder + '/' + name, shallow=False), True)


async def terminal(ssh):
    process = await ssh.create_process(term_type='vt100', term_size=(101, 33, 808, 528))
    process.stdin.write('echo size=$(stty size) $TERM.\n')
    await process.stdout.readuntil('size=33 101 vt100.')
    process.change_terminal_size(120, 40)
    process.stdin.write('echo size=$(stty size).\n')
    await process.stdout.readuntil('size=40 120.')
    process.stdin.write('exit 5\n')
    expect((await process.wait()).exit_status, 5)


async def echoed(reader, writer):
    data = os.urandom(1 << 20)
    writer.write(data)
    writer.write_eof()
    expect(await reader.read() == data, True)
    writer.close()


async def forward(ssh):
    await echoed(*await ssh.open_connection('localhost', echo_port))
    listener = await ssh.forward_local_port('127.0.0.1', 0, 'localhost', echo_port)
    await echoed(*await asyncio.open_connection('127.0.0.1', listener.get_port()))
    listener = await ssh.forward_remote_port('127.0.0.1', 0, '127.0.0.1', echo_port)
    await echoed(*await asyncio.open_connection('127.0.0.1', listener.get_port()))
    listener.close()
    await listener.wait_closed()
    listener = await ssh.forward_remote_path(folder + '/there', folder + '/echo')
    await echoed(*await asyncio.open_unix_connection(folder + '/there'))
    await echoed(*await ssh.open_unix_connection(folder + '/echo'))
    listener.close()
    await listener.wait_closed()


async def sftp(ssh):
    async with ssh.start_sftp_client() as session:
        await session.chdir(folder)
        await session.put(folder + '/from', 's-up')
        await session.get('s-up', folder + '/s-down')
        for name in 's-up', 's-down':
            expect(filecmp.cmp(folder + '/from', folder + '/' + name, shallow=False), True)
        await session.mkdir('made')
        await session.posix_rename('s-up', 'made/moved')
        made = folder + '/made'  # AsyncSSH takes some of these names not to be relative to its folder
        await session.symlink(made + '/moved', made + '/link')
        expect(await session.readlink(made + '/link'), made + '/moved')
        await session.link(made + '/moved', made + '/hard')
        expect((await session.stat('made/hard')).size, (await session.stat('made/moved')).size)
        expect(sorted(await session.listdir('made')), ['.', '..', 'hard', 'link', 'moved'])
        expect((await session.statvfs('.')).namemax, 255)
        async with session.open('made/moved', 'r+b') as file:
            await file.seek(5)
            await file.write(b'patched')
            await file.fsync()
        with open(folder + '/made/hard', 'rb') as file:
            expect(file.read(12)[5:], b'patched')
        await session.rmtree('made')
        expect(await session.exists('made'), False)


async def main():
    async with asyncssh.connect('127.0.0.1', int(port), username=login, client_keys=[key], known_hosts=known_hosts,
                                agent_path=None, config=None) as ssh:
        await globals()[what.replace('-', '_')](ssh)


what, port, login, key, known_hosts, folder, echo_port = sys.argv[1:]
echo_port = int(echo_port)
asyncio.run(asyncio.wait_for(main(), 60))
