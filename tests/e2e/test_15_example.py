# SPDX-License-Identifier: Apache-2.0
"""examples/haproxy-pair does what its page says: rules, servers, forwarding, limits, statistics and log."""

import re
import signal
import socket

from harness.runner import expect
from lab import backends, procs
from lab.settings import BACKENDS, HOST_IP, VIP

# One line for each "METHOD PATH" of its arguments: what the floating address answers.
ASK = """
import http.client, sys
for words in sys.argv[2:]:
    method, path = words.split()
    connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=5)
    connection.request(method, path, body=b"x=1" if method == "POST" else None)
    answer = connection.getresponse()
    print(answer.status, answer.read().decode().strip())
    connection.close()
"""
# What CentOS and its like have by default; Debian 12 writes only /var/log/syslog.
MESSAGES = "*.info;mail.none;authpriv.none;cron.none /var/log/messages\n"


def ask(c, *requests):
    """[(status, server, method, path, X-Forwarded-For)] of requests through the floating address."""
    lines = c.lab.host(["/usr/bin/python3", "-c", ASK, VIP, *requests]).stdout.splitlines()
    found = [re.fullmatch(r"(\d+) (\S+) (\S+) (\S+) for (\S+)", line) for line in lines]
    expect(len(found) == len(requests) and all(found), f"answers: {lines}")
    return [match.groups() for match in found]


def servers(c, *requests):
    """Who answered each of them."""
    return [answer[1] for answer in ask(c, *requests)]


def admin(c, command, node="server1"):
    """What haproxy's stats socket answers."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(f"/proc/{c.nodes[node].init()}/root/run/haproxy/admin.sock")
        line.sendall(command.encode() + b"\n")
        text = b""
        while data := line.recv(65536):
            text += data
    return text.decode()


def requests_of(c):
    """{back end: requests so far}"""
    rows = [row.split(",") for row in admin(c, "show stat").splitlines() if row]
    column = rows[0].index("stot")
    return {row[0]: int(row[column] or 0) for row in rows[1:] if row[1] == "BACKEND"}


def test_configuration_is_valid(c):
    """`haproxy -c` finds neither error nor warning on both nodes; the front end listens on *:80."""
    c.ready("server1")
    for name, node in c.nodes.items():
        done = node.run(["haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg"], check=False)
        said = done.stdout + done.stderr
        expect(done.returncode == 0 and "Configuration file is valid" in said, f"{name}: {done.returncode} {said}")
        expect("WARNING" not in said and "ALERT" not in said, f"{name}: {said}")
    listening = c.sh("server1", "ss -Hltn sport = :80").split()
    expect("0.0.0.0:80" in listening or "*:80" in listening, f"port 80: {listening}")


def test_round_robin(c):
    """GET of ordinary pages goes to both servers in turn."""
    c.ready("server1")
    found = servers(c, *["GET /"] * 8)
    expect(all(a != b for a, b in zip(found, found[1:])) and set(found) == {"web1", "web2"}, f"GET /: {found}")


def test_post_and_get_to_different_servers(c):
    """GET of the application's pages goes to one server, POST to the other, always."""
    c.ready("server1")
    reads = servers(c, *["GET /app/list", "GET /index.php", "GET /cgi-bin/x"] * 3)
    writes = servers(c, *["POST /app/list", "POST /index.php", "POST /", "POST /images/new.png"] * 3)
    expect(set(reads) == {"web1"}, f"GET: {reads}")
    expect(set(writes) == {"web2"}, f"POST: {writes}")


def test_static_files_have_their_back_end(c):
    """What the static rule names, by folder or by ending, in small or big letters, goes to back end `static`."""
    c.ready("server1")
    static = ["/static/x", "/images/x", "/javascript/x", "/stylesheets/x", "/a.jpg", "/a.gif", "/b/a.png", "/a.css",
              "/a.js", "/Images/x", "/a.CSS"]
    before = requests_of(c)
    found = servers(c, *[f"GET {path}" for path in static])
    after = requests_of(c)
    expect(after["static"] - before["static"] == len(static), f"back ends before {before}, after {after}")
    expect(after["app"] == before["app"] and after["read"] == before["read"], f"before {before}, after {after}")
    expect(set(found) == {"web1", "web2"}, f"static files only from {set(found)}")
    ask(c, "GET /page", "GET /app/page.html")
    last = requests_of(c)
    expect((last["app"] - after["app"], last["read"] - after["read"]) == (1, 1), f"before {after}, after {last}")


def test_forwarded_for(c):
    """The servers learn the client's address."""
    c.ready("server1")
    for answer in ask(c, "GET /", "POST /", "GET /app", "GET /images/x"):
        expect(answer[4] == HOST_IP, f"X-Forwarded-For of {answer}: expected {HOST_IP}")


def test_limits_and_statistics(c):
    """maxconn and the descriptors for it are in force; the stats socket answers, and only haproxy's group may ask."""
    c.ready("server1")
    info = dict(line.split(": ", 1) for line in admin(c, "show info").splitlines() if ": " in line)
    expect(info["Maxconn"] == "4000", f"Maxconn: {info['Maxconn']}")
    limit = c.sh("server1", f"sed -n 's/^Max open files *\\([0-9]*\\).*/\\1/p' /proc/{info['Pid']}/limits")
    expect(int(limit) >= 2 * 4000 + 100 and int(info["Ulimit-n"]) == int(limit),
           f"open files: {limit}, haproxy says {info['Ulimit-n']}")
    mode = c.sh("server1", "stat -c '%a %U %G' /run/haproxy/admin.sock").split()
    expect(mode[0] == "660", f"stats socket: {mode}")


def _server_goes_and_returns(c):
    """web1 dies and returns; what the client gets meanwhile."""
    name = "web1"
    settings, process = c.lab.settings, c.journal.last_process(name)
    procs.kill(*process, signal.SIGKILL)
    try:
        c.wait(lambda: "DOWN" in _state(c, "app", name) and "DOWN" in _state(c, "read", name), 15, f"{name} DOWN")
        expect(set(servers(c, *["GET /"] * 4, "GET /app")) == {"web2"}, "a dead server was asked")
    finally:
        backends.start(settings, c.journal, name, BACKENDS[name])
    c.wait(lambda: _state(c, "app", name) == "UP" and _state(c, "read", name) == "UP", 15, f"{name} UP again")
    expect(set(servers(c, *["GET /"] * 4)) == {"web1", "web2"}, "a server that returned is not asked")


def _state(c, backend, server):
    rows = [row.split(",") for row in admin(c, "show stat").splitlines() if row]
    column = rows[0].index("status")
    return next(row[column] for row in rows if row[:2] == [backend, server])


def test_checked_servers_and_log(c):
    """A dead server gets nothing until it is back; haproxy.log tells it, messages and syslog do not."""
    c.ready("server1")
    c.server1.write("/etc/rsyslog.d/60-messages.conf", MESSAGES)
    c.sh("server1", "systemctl restart rsyslog")
    c.wait(lambda: c.sh("server1", "ss -Hlun sport = :514"), 10, "rsyslog listens on UDP 514")
    expect("127.0.0.1:514" in c.sh("server1", "ss -Hlun sport = :514"), "rsyslog listens for the whole network")
    _server_goes_and_returns(c)
    c.sh("server1", "logger -n 127.0.0.1 -P 514 -d -t probe -p local2.notice by-local2;"
                    "logger -n 127.0.0.1 -P 514 -d -t probe -p local3.notice by-local3")
    def has(file, words):
        return words in c.sh("server1", f"cat /var/log/{file} 2>/dev/null", check=False)
    for words in ("Server app/web1 is DOWN", "Server app/web1 is UP", "by-local2"):
        c.wait(lambda words=words: has("haproxy.log", words), 5, f"haproxy.log with '{words}'")
    for file in ("messages", "syslog"):
        c.wait(lambda file=file: has(file, "by-local3"), 5, f"{file} with the line that belongs there")
        for words in ("Server app/web1 is", "by-local2"):
            expect(not has(file, words), f"{file} has a line of haproxy: {words}")
