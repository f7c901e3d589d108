import Foundation
import Support

/// Writes scalars to an event file that TensorBoard shows.
///
/// Each writer makes a file of its own, so a run that was resumed has several, which TensorBoard reads one after the
/// other. Not for several threads at once.
public final class TensorBoardWriter {
  private let file: OutputFile
  /// Records that are not in the file yet: scalars come in crowds of small ones.
  private var pending = Data()
  private var lastFlush = ContinuousClock.now

  /// Starts a new event file.
  /// - Parameters:
  ///   - directory: where; it is made when there is none.
  ///   - step: the first step that will be written, for a run that was resumed: TensorBoard then forgets what earlier
  ///     files of the directory say of this step and later ones.
  ///   - wallTime: now, in seconds since 1970.
  /// - Throws: `Failure.runtime` when the file cannot be made.
  public init(
    directory: String, resumingAt step: Int? = nil, wallTime: Double = Date().timeIntervalSince1970
  ) throws {
    try DurableFile.makeDirectory(directory)
    // Appends, because one process may start two writers in one second.
    file = try OutputFile(appendingTo: directory + "/" + Self.fileName(wallTime))
    append(TensorBoardEvent(wallTime: wallTime, content: .fileVersion))
    if let step { append(TensorBoardEvent(wallTime: wallTime, content: .sessionStart(step: step))) }
    try flush()
  }

  /// Adds a point to the curve `tag`. It is in the file after ten seconds at most, if more points follow.
  /// - Throws: `Failure.runtime` when the file cannot be written.
  public func scalar(
    _ tag: String, _ value: Double, step: Int, wallTime: Double = Date().timeIntervalSince1970
  ) throws {
    append(
      TensorBoardEvent(wallTime: wallTime, content: .scalar(tag: tag, value: Float(value), step: step)))
    if lastFlush.duration(to: .now) > .seconds(10) { try flush() }
  }

  /// Writes to the file what is pending.
  public func flush() throws {
    try file.write(pending)
    pending.removeAll(keepingCapacity: true)
    lastFlush = .now
  }

  public func close() throws {
    try flush()
    try file.close()
  }

  private func append(_ event: TensorBoardEvent) { pending += TFRecord.frame(event.message.bytes) }

  /// TensorBoard takes any file with “tfevents” in its name, and reads them in the order of their names.
  private static func fileName(_ wallTime: Double) -> String {
    let host = ProcessInfo.processInfo.hostName
    return String(format: "events.out.tfevents.%010.0f.%@.%d", wallTime.rounded(.down), host, getpid())
  }
}
