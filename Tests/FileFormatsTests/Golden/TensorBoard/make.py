"""Writes events.bin, which TensorBoardWriter must write too, byte for byte: python make.py"""

from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def scalar(time, step, tag, value):
    return Event(
        wall_time=time,
        step=step,
        summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]),
    )


events = [
    Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    Event(wall_time=1700000000.25, step=300, session_log=SessionLog(status=SessionLog.START)),
    scalar(1700000001.5, 300, "train/loss", 2.718281828459045),
    scalar(1700000002.5, 1 << 40, "train/learning_rate", 2e-5),
    scalar(1700000003.5, 301, "Prüfung/Verlust", float("nan")),
    scalar(1700000004.5, 302, "validation/loss", 0.0),
    scalar(1700000005.5, 303, "long/" + "x" * 200, -1e300),
]
with open(Path(__file__).parent / "events.bin", "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
