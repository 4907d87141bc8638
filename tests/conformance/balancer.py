"""A load balancer for one connection, as ssh's ProxyCommand: says who the client is by the PROXY protocol.

  balancer.py FROM HOST PORT HEADER    HEADER in hexadecimal, FROM is the balancer's own address
"""
import os
import socket
import sys
import threading


def pass_on(read, write):
    while True:
        data = read()
        if not data:
            return
        write(data)


source, host, port, header = sys.argv[1:]
connection = socket.create_connection((host, int(port)), source_address=(source, 0))
connection.sendall(bytes.fromhex(header))
threading.Thread(target=pass_on, daemon=True,
                 args=(lambda: os.read(0, 65536), connection.sendall)).start()
pass_on(lambda: connection.recv(65536), lambda data: os.write(1, data))
