#!/usr/bin/env python3
"""Set texteval up the first time, then run it.

    python run.py app               the explorer: your numbers in, the answer out, in your browser
    python run.py report            the comparison report (Windows: py run.py report; Mac: python3 run.py report)
    python run.py test              all tests
    python run.py new-practice      ten questions, and a file of your own practice
    python run.py lab               the notebooks in JupyterLab
    python run.py lint | lock | bench | help
    python run.py decide ...        any other texteval command: decide, why-not, compare, vendor, bill, breakeven, map,
                                    simulate, drivers, parameters, tco, exposure, portfolio, segments, message, kit,
                                    init, check, price, diff, export, questions, answers (add --help for its options)

Needs Python 3.11 or newer, and the network for the first run. Everything goes into the folder .venv beside this file;
delete that folder to start afresh. This script uses the standard library only, and old syntax, so that an older Python
can say what is missing.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
STAMP = os.path.join(VENV, "texteval-stamp")
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")


def stop(sentence):
    sys.exit("texteval: " + sentence)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def locked(name):
    """The lines of one package in the lock."""
    lines, inside = [], False
    for line in read(LOCK).splitlines(True):
        if line[:1].strip() and not line.startswith("#"):
            inside = line.startswith(name + "==")
        if inside:
            lines.append(line)
    return "".join(lines)


def wanted():
    """What the environment is made from; when it changes, the environment is made again."""
    parts = [read(LOCK), read(os.path.join(ROOT, "pyproject.toml")), sys.version, ROOT]
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def install(arguments):
    result = subprocess.run([PYTHON, "-m"] + arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        said = result.stdout.decode("utf-8", "replace").strip()
        sys.stderr.write(said[-2000:] + "\n")
        stop(
            "the installation stopped (the last words of it are above). If this machine has no network just now, "
            "connect it; then run the same command again."
        )


def set_up():
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        stop("this Python cannot make environments. On Debian or Ubuntu: sudo apt install python3-venv; then again.")
    print("First run: setting up .venv, once (a minute or two)...")
    sys.stdout.flush()
    try:
        if os.path.isdir(VENV):
            shutil.rmtree(VENV)
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(VENV)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        stop(
            "the folder .venv cannot be made (%s). Check that you may write to %s, that no other program uses it, "
            "that run.py is not setting it up in another window, "
            "and on Windows that its path is short and not inside OneDrive." % (error, ROOT)
        )
    first = os.path.join(VENV, "uv.lock.txt")
    with open(first, "w", encoding="utf-8") as file:
        file.write(locked("uv"))
    install(
        [
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-deps",
            "-r",
            first,
        ]
    )
    uv = ["uv", "pip", "install", "--quiet", "--python", PYTHON]
    install(uv + ["--require-hashes", "--only-binary", ":all:", "-r", LOCK])
    install(uv + ["--no-deps", "--no-build-isolation", "-e", ROOT])
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(wanted())


def call(command, **more):
    process = subprocess.Popen([PYTHON] + command, **more)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the command is told by the terminal too, and tidies up: let it finish
            pass


def lock():
    """Make the lock anew: one file for Windows, macOS and Linux, with hashes, naming no host."""
    command = "-m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade"
    return (
        call(
            (command + " --extra test --extra dask --extra bench pyproject.toml build.in -o requirements.lock").split(),
            cwd=ROOT,
        )
        or check_lock()
    )


def check_lock():
    """See whether the lock can be installed, from ready-made packages only, wherever texteval runs."""
    if "://" in read(LOCK):
        stop("the lock names a host; make it again with 'python run.py lock'.")
    command = "-m uv pip install --quiet --dry-run --only-binary :all: --require-hashes -r requirements.lock"
    linux, mac = "unknown-linux-gnu", "apple-darwin"
    for platform in (
        "x86_64-pc-windows-msvc",
        "aarch64-" + mac,
        "x86_64-" + mac,
        "x86_64-" + linux,
        "aarch64-" + linux,
    ):
        for version in ("3.11", "3.14"):
            asked = ["--python-platform", platform, "--python-version", version]
            code = call(command.split() + asked + ["--target", os.path.join(VENV, "dry-run")], cwd=ROOT)
            print("lock on %s, Python %s: %s" % (platform, version, "no" if code else "ok"))
            if code:
                return code
    return 0


def lint():
    return (
        call(["-m", "ruff", "check", "."], cwd=ROOT)
        or call(["-m", "ruff", "format", "--check", "."], cwd=ROOT)
        or call(["-m", "mypy"], cwd=ROOT)
        or check_lock()
    )


def main():
    if sys.version_info < (3, 11):
        stop(
            "Python 3.11 or newer is needed; this is %s. Install a newer one from python.org, then run this again."
            % sys.version.split()[0]
        )
    if not os.path.exists(LOCK):
        stop("the file requirements.lock is missing beside run.py. Get the whole folder again, then run this there.")
    words = sys.argv[1:] or ["help"]
    if words[0] in ("help", "-h", "--help"):
        print(__doc__)
        if os.path.exists(PYTHON):
            call(["-m", "texteval", "--help"])
        return 0
    try:
        ready = read(STAMP) == wanted() and os.path.exists(PYTHON)
    except OSError:
        ready = False
    if not ready:
        set_up()
    if words[0] == "test":
        environment = dict(os.environ, PYTHONWARNDEFAULTENCODING="1")
        # The files of tests side by side, on up to four cores; a file's own tests in their order.
        side_by_side = "-n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder"
        return call(["-m", "pytest", "-q"] + side_by_side.split() + words[1:], cwd=ROOT, env=environment)
    if words[0] == "lint":
        return lint()
    if words[0] == "lock":
        return lock()
    if words[0] == "bench":
        return call([os.path.join(ROOT, "benchmarks", "bench.py")] + words[1:])
    named = "py run.py" if os.name == "nt" else "python3 run.py" if sys.platform == "darwin" else "python run.py"
    return call(["-m", "texteval"] + words, env=dict(os.environ, TEXTEVAL_COMMAND=named))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
