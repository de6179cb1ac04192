#!/usr/bin/env python3
"""Compares `vouchsafe scan tls` with sslyze on the same loopback servers: what both find, and how long they take.

Rebuilds the configurations of Tests/ProbesTests/Oracle/own_cases.json, and those of the conformance data where it is there, in
one nginx; scans each with both, one process after another; prints medians, the worst, processor time, and what one finds
and the other does not. sslyze stands in .build/sslyze; scripts/install-dependencies --tests puts it there.

    Benchmarks/load/tls_scan.py [--program FILE] [--nginx FILE] [--every 1]
"""
import argparse, json, os, resource, signal, socket, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SSLYZE = f"{ROOT}/.build/sslyze/bin/sslyze"
SHARED = f"{ROOT}/../shared/conformance/tls/sslyze_cases.json"
USAGE = "-addext keyUsage=critical,keyCertSign,cRLSign"


class Workshop:
    """A folder with an authority, certificates and one nginx."""

    def __init__(self, folder):
        self.folder = folder
        self.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=CA " + USAGE)
        self.openssl("req -x509 -newkey rsa:2048 -nodes -keyout rca.key -out rca.pem -days 3650 -subj /CN=RSA-CA " + USAGE)
        self.openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout inter.key -out inter.csr -subj /CN=Inter")
        self.write("inter.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
        self.openssl("x509 -req -in inter.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile inter.ext -out inter.pem")
        self.openssl("genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh2048.pem")
        self.openssl("dhparam -dsaparam -out dh1024.pem 1024")
        self.write("anchors.pem", self.read("ca.pem") + self.read("rca.pem"))

    def openssl(self, words):
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)

    def read(self, name):
        with open(f"{self.folder}/{name}") as file:
            return file.read()

    def certificate(self, name, key, md, days, san, issuer="ca", extra="", self_signed=False, **_):
        self.openssl(f"genpkey {key} -out {name}.key")
        self.openssl(f"req -new -key {name}.key -subj /CN=localhost -out {name}.csr")
        self.write(f"{name}.ext", f"subjectAltName={san}\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
                   f"extendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n{extra}\n")
        signer = f"-signkey {name}.key" if self_signed else f"-CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial"
        self.openssl(f"x509 -req -in {name}.csr {signer} -days {days} -{md} -extfile {name}.ext -out {name}.pem")
        if name.endswith("full"):
            self.write(f"{name}.pem", self.read(f"{name}.pem") + self.read("inter.pem"))


def servers(workshop):
    """The lines of each server, without its port."""
    found, certificates = [], {}
    own = json.load(open(f"{ROOT}/Tests/ProbesTests/Oracle/own_cases.json"))
    for name, facts in own["certificates"].items():
        certificates[name] = facts
    for case in own["cases"]:
        lines = [case["protocols"], case["ciphers"], case["curves"], case["prefer"], "dh1024" if case["small_prime"] else None]
        found.append((case["certificates"], lines, case["suites_of_tls13"]))
    if os.path.exists(SHARED):
        for case in json.load(open(SHARED))["cases"]:
            # An expired one would need another way to be made, and is as quick to scan as any other.
            certificates.setdefault(case["cert"], case["cert_profile"])
            curves = ":".join(case["curves"]).replace("secp256r1", "prime256v1")
            found.append(([case["cert"]], [case["protocols"], case["openssl_ciphers"], curves, case["prefer_server"], case["dhparam"]], None))
    for name, facts in certificates.items():
        workshop.certificate(name, **facts)
    return found


def configuration(workshop, found, ports):
    text = (f"worker_processes 1; pid {workshop.folder}/nginx.pid; error_log {workshop.folder}/error.log;\n"
            "events { worker_connections 2048; } http { access_log off;\n")
    for port, (names, (protocols, ciphers, curves, prefer, prime), suites) in zip(ports, found):
        text += f"server {{ listen 127.0.0.1:{port} ssl; return 200; ssl_protocols {protocols}; ssl_ciphers {ciphers}:@SECLEVEL=0;"
        text += f" ssl_ecdh_curve {curves}; ssl_prefer_server_ciphers {prefer};"
        text += "".join(f" ssl_certificate {workshop.folder}/{name}.pem; ssl_certificate_key {workshop.folder}/{name}.key;" for name in names)
        text += f" ssl_dhparam {workshop.folder}/{prime}.pem;" if prime else ""
        text += f" ssl_conf_command Ciphersuites {suites};" if suites else ""
        text += " }\n"
    workshop.write("nginx.conf", text + "}\n")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def timed(command):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended.stdout


def line(name, times, work):
    print(f"{name}: {len(times)} servers, median {statistics.median(times):.2f} s, worst {max(times):.2f} s, processor {statistics.mean(work):.2f} s each")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default=f"{ROOT}/.build/release/vouchsafe")
    options.add_argument("--nginx", default="/usr/sbin/nginx")
    options.add_argument("--every", type=int, default=1, help="scan only each n-th server")
    given = options.parse_args()
    if not os.access(SSLYZE, os.X_OK):
        print("sslyze is not installed; run scripts/install-dependencies --tests", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        workshop = Workshop(folder)
        found = servers(workshop)
        ports = free_ports(len(found))
        configuration(workshop, found, ports)
        subprocess.run([given.nginx, "-c", f"{folder}/nginx.conf", "-p", folder], check=True, stderr=subprocess.DEVNULL)
        try:
            compare(given, workshop, ports[::given.every])
        finally:
            os.kill(int(workshop.read("nginx.pid")), signal.SIGTERM)
    return 0


def compare(given, workshop, ports):
    anchors = f"{workshop.folder}/anchors.pem"
    ours, theirs = ([], []), ([], [])
    more, fewer, unfinished, beyond = 0, 0, 0, 0
    for port in ports:
        took, work, text = timed([given.program, "scan", "tls", f"localhost:{port}", "--ca", anchors, "--format", "json"])
        ours[0].append(took)
        ours[1].append(work)
        report = json.loads(text)
        beyond = max(beyond, report["connections"] - sum(map(len, report["protocols"].values())))
        took, work, _ = timed([SSLYZE, "--certinfo_ca_file", anchors, "--mozilla_config", "intermediate",
                               "--json_out", f"{workshop.folder}/sslyze.json", f"localhost:{port}"])
        theirs[0].append(took)
        theirs[1].append(work)
        result = json.loads(workshop.read("sslyze.json"))["server_scan_results"][0]["scan_result"]
        if not result:
            unfinished += 1
            continue
        for version, suites in report["protocols"].items():
            seen = (result[f"{version}_cipher_suites"] or {}).get("result") or {}
            names = {each["cipher_suite"]["name"] for each in seen.get("accepted_cipher_suites", [])}
            more += len(set(suites) - names)
            fewer += len(names - set(suites))
    line("vouchsafe", *ours)
    line("sslyze", *theirs)
    print(f"suites: {more} that only vouchsafe finds, {fewer} that only sslyze finds; servers that sslyze could not finish: {unfinished}")
    print(f"connections beyond pairs of version and suite: at most {beyond}; load average {os.getloadavg()[0]:.1f}")


sys.exit(main())
