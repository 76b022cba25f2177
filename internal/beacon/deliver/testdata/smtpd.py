"""A mail server of Debian's python3-aiosmtpd on a port of its own, which it
prints. Arguments: how TLS comes (starttls, implicit, none), the mechanism of
logging in (PLAIN, LOGIN, none), and the certificate with its key.

It prints a line of JSON for each mail that it took."""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return f"550 5.1.1 <{address}> is nobody's canary"
        if address.startswith("later@"):
            return f"451 4.7.1 <{address}> is greylisted, says a canary"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or implicit,
            "login": session.authenticated,
            "mail": base64.b64encode(envelope.content).decode(),
        }
        print(json.dumps(mail), flush=True)
        return "250 Taken"


def login(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"plans", b"p@ss/w:rd")
    return AuthResult(success=good, handled=good)


tls, mechanism, cert = sys.argv[1:]
implicit = tls == "implicit"
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert)
others = [m for m in ("PLAIN", "LOGIN") if m != mechanism]


def session():
    return SMTP(
        Handler(),
        hostname="mail.lumen.example",
        tls_context=context if tls == "starttls" else None,
        require_starttls=tls == "starttls",
        auth_required=mechanism != "none",
        auth_require_tls=tls == "starttls",
        auth_exclude_mechanism=others,
        authenticator=login,
        loop=asyncio.get_running_loop(),
    )


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(serve())
