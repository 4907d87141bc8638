"""An X server that lets nobody in: it reads a client's first message and answers with a sentence. Whoever sees the
sentence has reached the display. Prints "ready" once it listens at display :7 of this machine.

The message is that of "Connection Setup" in the X protocol: byte order, lengths, the cookie. Ends after one client.
"""

import socket
import struct
import sys

SENTENCE = b"this is the display of the laptop"


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 6007))
    listener.listen()
    print("ready", flush=True)
    client, _ = listener.accept()
    client.settimeout(30)
    client.recv(12)
    padded = SENTENCE + bytes(-len(SENTENCE) % 4)
    client.sendall(struct.pack("<BBHHH", 0, len(SENTENCE), 11, 0, len(padded) // 4) + padded)
    client.recv(65536)
    client.close()


if __name__ == "__main__":
    sys.exit(main())
