#!/usr/bin/env python3
"""Measures `vouchsafe status` with 1,000 commitments over 1,000,000 stored observations, beside a bare SQL scan.

Makes an installation with a generated policy, lets the server observe this machine once, multiplies the observations in
the database to a million older ones, and times the command that opens the data, judges everything and prints it.
(The multiplied rows are copies that no ledger entry covers; `ledger verify` would say so.)

    Benchmarks/load/stored_verdicts.py [--program FILE] [--rows 1000000] [--commitments 1000]
"""
import argparse, hashlib, json, os, re, resource, signal, sqlite3, subprocess, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def write_policy(folder, checks, commitments):
    text = "".join(f"Promise {n:05}.\n" for n in range(commitments)).encode()
    length = len(text) // commitments
    lines = ["format: vouchsafe/pack@v1", "policy:", "  id: load", "  title: Load", "  issuer: Load", '  version: "1"',
             f"  text: {{ sha256: {hashlib.sha256(text).hexdigest()}, bytes: {len(text)} }}", "spans:"]
    lines += [f"  - {{ at: [{n * length}, {n * length + length - 1}], class: commitment, commitments: [c-{n}] }}" for n in range(commitments)]
    lines += ["commitments:"]
    for n in range(commitments):
        lines += [f"  - id: c-{n}", "    section: Load", f"    summary: What number {n} asks for is done.", "    owner: it", "    checks:",
                  f"      - {{ check: {checks[n % len(checks)]}, population: host, threshold: all, freshness: {26 + n // len(checks)}h }}"]
    pack = f"{folder}/pack.yaml"
    open(pack, "w").write("\n".join(lines) + "\n")
    return pack


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default=f"{ROOT}/.build/release/vouchsafe")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--commitments", type=int, default=1_000)
    given = options.parse_args()
    catalogue = json.loads(subprocess.check_output([given.program, "check", "list", "--format", "json"]))
    checks = [check["id"] for check in catalogue if check["population"] == "host"]
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        pack = write_policy(folder, checks, given.commitments)
        subprocess.run([given.program, "init", "--data", data, "--organisation", "Load", "--pack", pack], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([given.program, "serve", "--data", data, "--listen", "localhost:0"], stdout=subprocess.PIPE, text=True)
        for line in server.stdout:
            if "Serving." in line:
                break
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
        database = sqlite3.connect(f"{data}/vouchsafe.sqlite")
        columns = [row[1] for row in database.execute("PRAGMA table_info(observation)")]
        values = {"id": "randomblob(16)", "entry": "-i * 1000 - entry"} | {name: f"{name} - i * 60000" for name in ("observed_at", "received_at", "expires_at")}
        present = database.execute("SELECT count(*) FROM observation").fetchone()[0]
        database.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {given.rows // present}) "
            f"INSERT INTO observation ({', '.join(columns)}) SELECT {', '.join(values.get(name, name) for name in columns)} FROM observation, n")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        count = database.execute("SELECT count(*) FROM observation").fetchone()[0]
        start = time.perf_counter()
        database.execute("SELECT sum(series + observed_at + received_at + expires_at + result) FROM observation INDEXED BY observation_1").fetchone()
        floor = time.perf_counter() - start
        database.close()
        for _ in range(3):
            start = time.perf_counter()
            output = subprocess.run([given.program, "status", "--data", data, "--format", "json"], stdout=subprocess.PIPE).stdout
            took = time.perf_counter() - start
            counts = json.loads(output)["counts"]
            print(f"{sum(counts.values())} commitments over {count} observations: {took * 1000:.0f} ms (bare SQL scan {floor * 1000:.0f} ms); {counts}")
        print("peak resident of a command:", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, "MB")


if __name__ == "__main__":
    main()
