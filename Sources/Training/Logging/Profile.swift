import Collectives
import Foundation
import Support

/// All ranks' timelines of a run: a trace that Chrome (`chrome://tracing`) and Perfetto show, and a table of medians.
public struct Profile {
  /// By rank.
  private let events: [[Timeline.Event]]

  /// Gathers the timelines: to be called by all ranks.
  public init(_ timeline: Timeline, communicator: Communicator) {
    events = communicator.allGather(timeline.events)
  }

  /// Writes the trace, a JSON array of complete events: times in microseconds, the rank as the process.
  public func write(to path: String) throws {
    var text = "["
    for (rank, events) in events.enumerated() {
      for event in events {
        let (start, duration) = (Double(event.start) / 1e3, Double(event.duration) / 1e3)
        text += text.count == 1 ? "\n" : ",\n"
        text += #"{"name": "\#(event.phase.name)", "ph": "X", "ts": \#(start), "dur": \#(duration), "#
        text += #""pid": \#(rank), "tid": 0, "args": {"step": \#(event.step)}}"#
      }
    }
    try DurableFile.write(Data((text + "\n]\n").utf8), to: path)
  }

  /// Milliseconds of each phase in a step, medians over the steps that have the phase: a line for each phase, a column for
  /// each rank. A phase does not count what it does for another within it.
  public var table: String {
    func cell(_ text: String) -> String { String(repeating: " ", count: max(1, 12 - text.count)) + text }
    func label(_ text: String) -> String { text + String(repeating: " ", count: max(0, 20 - text.count)) }
    var lines = [label("ms in a step") + events.indices.map { cell("rank \($0)") }.joined()]
    for phase in Timeline.Phase.allCases where events.joined().contains(where: { $0.phase == phase }) {
      let cells = events.map { events -> String in
        let steps = Dictionary(grouping: events.filter { $0.phase == phase }, by: \.step)
        let times = steps.values.map { $0.reduce(0) { $0 + Double($1.ownDuration) } }
        return cell(times.median.map { String(format: "%.2f", $0 / 1e6) } ?? "-")
      }
      lines.append(label(phase.name) + cells.joined())
    }
    return lines.joined(separator: "\n")
  }
}
