#!/usr/bin/env python3
"""Measures how long pages take under many readers, each asking for one page a second over its own connection.

Makes an installation in a temporary folder, serves it on loopback, sets up its owner, waits for the first verdicts,
then reads the overview and the trust page. Prints percentiles and the server's resident memory.

    Benchmarks/load/readers.py [--program FILE] [--readers 50] [--seconds 30]
"""
import argparse, asyncio, http.cookies, os, re, signal, ssl, subprocess, sys, tempfile, time, urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE  # the self-made certificate of the installation under test


async def ask(streams, method, path, headers=(), body=b""):
    reader, writer = streams
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers, "", ""]
    writer.write("\r\n".join(lines).encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(re.search(r"(?i)content-length: (\d+)", head)[1]) if "content-length" in head.lower() else 0
    return int(head.split()[1]), head, await reader.readexactly(length)


def cookies(head):
    found = {}
    for value in re.findall(r"(?im)^set-cookie: (.*)\r?$", head):
        for name, morsel in http.cookies.SimpleCookie(value).items():
            found[name] = morsel.value
    return found


async def sign_in(port, link):
    streams = await asyncio.open_connection("localhost", port, ssl=TLS)
    _, head, page = await ask(streams, "GET", link)
    token = re.search(r'name="csrf" value="([^"]+)"', page.decode())[1]
    form = urllib.parse.urlencode(
        {"csrf": token, "name": "Ada Example", "email": "ada@example.org", "password": "nine purple tables sing"})
    headers = [
        "Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin",
        f"Cookie: __Host-form={cookies(head)['__Host-form']}"]
    status, head, _ = await ask(streams, "POST", link, headers, form.encode())
    assert status == 303, status
    return cookies(head)


async def reader(port, path, headers, until, offset, times):
    await asyncio.sleep(offset)
    streams = await asyncio.open_connection("localhost", port, ssl=TLS)
    while time.monotonic() < until:
        start = time.perf_counter()
        status, _, _ = await ask(streams, "GET", path, headers)
        assert status == 200, status
        took = time.perf_counter() - start
        times.append(took)
        await asyncio.sleep(max(0, 1 - took))


async def measure(name, port, path, headers, readers, seconds):
    times = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(reader(port, path, headers, until, i / readers, times) for i in range(readers)))
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))] * 1000
    print(f"{name}: {len(times)} pages, p50 {at(.5):.1f} ms, p95 {at(.95):.1f} ms, p99 {at(.99):.1f} ms, worst {times[-1] * 1000:.1f} ms")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default=f"{ROOT}/.build/release/vouchsafe")
    options.add_argument("--readers", type=int, default=50)
    options.add_argument("--seconds", type=int, default=30)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        packs = [item for name in ("metadrop", "metrix") for item in ("--pack", f"{ROOT}/packs/{name}.yaml")]
        subprocess.run([given.program, "init", "--data", data, "--organisation", "Load", *packs], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([given.program, "serve", "--data", data, "--listen", "localhost:0"], stdout=subprocess.PIPE, text=True)
        try:
            port = link = None
            for line in server.stdout:
                if found := re.search(r"https://localhost:(\d+)(/set-up/\w+)", line):
                    port, link = int(found[1]), found[2]
                if "Serving." in line:
                    break
            session = f"Cookie: __Host-session={asyncio.run(sign_in(port, link))['__Host-session']}"
            asyncio.run(measure("overview", port, "/", [session], given.readers, given.seconds))
            asyncio.run(measure("trust page", port, "/trust/load", [], given.readers, given.seconds))
            status = open(f"/proc/{server.pid}/status").read()
            print("resident:", int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024, "MB, peak",
                  int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024, "MB")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)


if __name__ == "__main__":
    sys.exit(main())
