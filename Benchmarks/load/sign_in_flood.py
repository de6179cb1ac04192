#!/usr/bin/env python3
"""Floods the sign-in form with wrong passwords from many networks, and measures what is left for everyone else.

Makes an installation in a temporary folder, serves it on loopback, sets up its owner, waits for the first verdicts. Then
200 connections, each from an address of its own (127.0.1.x), together send the given number of attempts a second; beside
them people read the trust page and the overview, and the owner signs in again and again from yet another address, with the
mark of a known device, doing what Retry-After says when turned away. Prints what the attempts were answered, percentiles, and the server's memory.

    Benchmarks/load/sign_in_flood.py [--program FILE] [--rate 200] [--seconds 20] [--guess owner|strangers]

Exit status 1 if a goal is missed: pages p99 < 100 ms, the owner in within 2 s, no attempt answered with anything but 401
and 429, every 429 with Retry-After.
"""
import argparse, asyncio, os, re, signal, subprocess, sys, tempfile, time, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from readers import ROOT, TLS, ask, cookies, sign_in

EMAIL, PASSWORD = "ada@example.org", "nine purple tables sing"
VISITOR = "0" * 64  # a visitor's form token is of their own choosing, as long as cookie and form agree


async def attempt(streams, email, password, device=""):
    form = urllib.parse.urlencode({"csrf": VISITOR, "email": email, "password": password}).encode()
    headers = ["Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin",
               f"Cookie: __Host-form={VISITOR}; __Host-device={device}"]
    status, head, _ = await ask(streams, "POST", "/sign-in", headers, form)
    retry = re.search(r"(?im)^retry-after: (\d+)", head)
    return status, int(retry[1]) if retry else None


def connect(port, source):
    return asyncio.open_connection("127.0.0.1", port, ssl=TLS, local_addr=(source, 0))


async def guesser(number, port, given, until, answers):
    every = given.connections / given.rate
    streams = await connect(port, f"127.0.1.{number % 250 + 1}")
    await asyncio.sleep(every * number / given.connections)
    count = 0
    while time.monotonic() < until:
        start = time.monotonic()
        count += 1
        email = EMAIL if given.guess == "owner" else f"{number}.{count}@example.com"
        status, retry = await attempt(streams, email, f"wrong guess number {count}")
        key = f"{status}" if status != 429 or retry else "429 without Retry-After"
        answers[key] = answers.get(key, 0) + 1
        await asyncio.sleep(max(0, every - (time.monotonic() - start)))


async def page_reader(port, source, path, headers, until, times):
    streams = await connect(port, source)
    while time.monotonic() < until:
        start = time.perf_counter()
        status, _, _ = await ask(streams, "GET", path, headers)
        assert status == 200, status
        took = time.perf_counter() - start
        times.append(took)
        await asyncio.sleep(max(0, 0.1 - took))


async def owner(port, device, until, times, refusals):
    while time.monotonic() < until:
        start = time.perf_counter()
        streams = await connect(port, "127.0.2.1")
        while time.monotonic() < until + 10:
            status, retry = await attempt(streams, EMAIL, PASSWORD, device)
            if status == 303:
                times.append(time.perf_counter() - start)
                break
            refusals[str(status)] = refusals.get(str(status), 0) + 1
            await asyncio.sleep(retry or 1)
        streams[1].close()
        await asyncio.sleep(0.5)


def resident(pid):
    status = open(f"/proc/{pid}/status").read()
    return [int(re.search(rf"{name}:\s+(\d+)", status)[1]) // 1024 for name in ("VmRSS", "VmHWM")]


async def measure(port, session, device, pid, given):
    until = time.monotonic() + given.seconds
    answers, refusals, ins = {}, {}, []
    pages = {"trust page": [], "overview, signed in": []}
    rate_task = [guesser(n, port, given, until, answers) for n in range(given.connections if given.rate else 0)]
    readers = [page_reader(port, f"127.0.3.{n + 1}", path, headers, until, pages[name])
               for name, path, headers in (("trust page", "/trust/load", []), ("overview, signed in", "/", [session]))
               for n in range(5)]
    await asyncio.gather(*rate_task, *readers, owner(port, device, until, ins, refusals))
    missed = []
    print(f"attempts in {given.seconds} s: {sum(answers.values())}, answered", dict(sorted(answers.items())))
    if set(answers) - {"401", "429"}:
        missed.append("an attempt was answered otherwise")
    for name, times in pages.items():
        times.sort()
        at = lambda share: times[min(len(times) - 1, int(share * len(times)))] * 1000
        print(f"{name}: {len(times)} pages, p50 {at(.5):.1f} ms, p95 {at(.95):.1f} ms, p99 {at(.99):.1f} ms, worst {times[-1] * 1000:.1f} ms")
        if at(.99) >= 100:
            missed.append(f"{name} p99")
    ins.sort()
    if ins:
        print(f"owner: in {len(ins)} times, median {ins[len(ins) // 2]:.2f} s, worst {ins[-1]:.2f} s, turned away", refusals)
    else:
        print("owner: never in, turned away", refusals)
    if not ins or ins[-1] > 2:
        missed.append("the owner's sign-in")
    print("resident: {} MB, peak {} MB".format(*resident(pid)))
    return missed


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default=f"{ROOT}/.build/release/vouchsafe")
    options.add_argument("--rate", type=int, default=200, help="attempts a second; 0 for the pages alone")
    options.add_argument("--connections", type=int, default=200)
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--guess", choices=["owner", "strangers"], default="strangers", help="whose address")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        packs = [item for name in ("metadrop", "metrix") for item in ("--pack", f"{ROOT}/packs/{name}.yaml")]
        subprocess.run([given.program, "init", "--data", data, "--organisation", "Load", *packs], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([given.program, "serve", "--data", data, "--listen", "0.0.0.0:0"], stdout=subprocess.PIPE, text=True)
        try:
            port = link = None
            for line in server.stdout:
                if found := re.search(r"https://[^/]+:(\d+)(/set-up/\w+)", line):
                    port, link = int(found[1]), found[2]
                if "Serving." in line:
                    break
            kept = asyncio.run(sign_in(port, link))
            session, device = f"Cookie: __Host-session={kept['__Host-session']}", kept["__Host-device"]
            print("load average before:", open("/proc/loadavg").read().split()[0], flush=True)
            missed = asyncio.run(measure(port, session, device, server.pid, given))
            print("missed:", ", ".join(missed) if missed else "nothing")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
