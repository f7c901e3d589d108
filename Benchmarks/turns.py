"""Programs that take turns: each is stopped but in its turn, so that what else the machine does meets all alike."""
import glob, json, os, re, signal, subprocess, time

UNAVAILABLE = 64  # capstan's exit code for an option that this version or machine does not have
LLM_C = re.compile(rb"step (\d+): train loss")


class Failed(Exception):
    pass


class Turn:
    """A piece of a program's work: a step, or a group of images."""

    def __init__(self, items, seconds, is_counted=True):
        self.items, self.seconds, self.is_counted = items, seconds, is_counted

    @property
    def rate(self):
        return self.items / self.seconds


class Contestant:
    """A program that prints a line for each piece of its work."""

    def __init__(self, name, words, environment, place):
        self.name, self.words = name, words
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, env=environment, cwd=place)

    def take_turn(self):
        """Lets the program work until it has done a piece; None where it is not to be had on this machine."""
        start = time.perf_counter()
        self.signal(signal.SIGCONT)
        for line in self.process.stdout:
            turn = self.turn(line, time.perf_counter() - start)
            if turn:
                self.signal(signal.SIGSTOP)
                return turn
        self.process.wait()
        if self.process.returncode == UNAVAILABLE:
            return None
        raise Failed(f"{' '.join(self.words)} ended with code {self.process.returncode}; see what it says above.")

    @staticmethod
    def turn(line, seconds):
        if line.startswith(b'{"items"'):
            return Turn(json.loads(line)["items"], seconds)
        step = LLM_C.match(line)
        # Four sequences. Every tenth step begins with a validation.
        return Turn(4, seconds, int(step[1]) % 10 != 0) if step else None

    def finish(self):
        """Lets the program end, or ends it where it would go on. Returns the most memory that it or one of its children
        had, in bytes."""
        if any("train_gpt2" in word for word in self.words):
            self.signal(signal.SIGKILL)
        self.signal(signal.SIGCONT)
        rest = self.process.stdout.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode not in (0, -signal.SIGKILL):
            raise Failed(f"{' '.join(self.words)} ended with code {self.process.returncode}; see what it says above.")
        # A program's own figure leaves out what it takes only to measure.
        own = json.loads(rest).get("peak_resident_bytes") if rest.startswith(b"{") else None
        return max(own or [usage.ru_maxrss * 1024])

    def kill(self):
        if self.process.returncode is None:
            self.signal(signal.SIGKILL)

    def signal(self, number):
        """To the program and all that it has started."""
        for process in descendants(self.process.pid):
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass


def descendants(process):
    found = [process]
    for path in glob.glob(f"/proc/{process}/task/*/children"):
        try:
            with open(path) as children:
                found += [each for child in children.read().split() for each in descendants(int(child))]
        except OSError:
            pass  # it has ended
    return found
