import Essentials
import Foundation

/// Writes scalars that TensorBoard shows: one event file per run or resumption, all in one directory.
public final class TensorBoardWriter {
  public let path: String
  private let file: FileHandle
  private var pending = Data()

  /// Opens a new file in `directory`, which is made if need be. `step` is the first that will be written:
  /// where a run resumes, TensorBoard drops what earlier files say of that step and later ones.
  ///
  /// Throws `Failure.runtime` when the directory or the file cannot be made.
  public init(
    directory: String, startingAt step: Int = 0, wallTime: Double = Date().timeIntervalSince1970
  ) throws {
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw Failure.runtime(
        "Could not make the TensorBoard directory \(directory): \(error.localizedDescription) "
          + "Choose another place.")
    }
    (path, file) = try Self.create(in: directory, wallTime: wallTime)
    append(TensorBoardEvent(wallTime: wallTime, step: 0, content: .fileVersion))
    append(TensorBoardEvent(wallTime: wallTime, step: step, content: .sessionStart))
    try flush()
  }

  /// Adds one point to the curve `tag`; it is on the disk after the next `flush`. `wallTime`: seconds since
  /// 1970.
  public func scalar(
    _ tag: String, _ value: Double, step: Int, wallTime: Double = Date().timeIntervalSince1970
  ) {
    append(TensorBoardEvent(wallTime: wallTime, step: step, content: .scalar(tag: tag, value: Float(value))))
  }

  /// Throws `Failure.runtime` when the file cannot be written.
  public func flush() throws {
    do {
      try file.write(contentsOf: pending)
      pending.removeAll(keepingCapacity: true)
    } catch {
      throw Failure.runtime("Could not write \(path): \(error.localizedDescription) Free some space.")
    }
  }

  /// Flushes and closes the file; nothing can be written after it.
  public func close() throws {
    try flush()
    try file.close()
  }

  private func append(_ event: TensorBoardEvent) { pending += TFRecord.frame(event.encoded) }

  /// `events.out.tfevents.SECONDS.HOST.PROCESS.COUNT`: TensorBoard knows its files by the `tfevents` and
  /// reads them in the order of their names. The count tells apart files of one process and second.
  private static func create(in directory: String, wallTime: Double) throws -> (String, FileHandle) {
    let seconds = String(Int(wallTime))
    let padded = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    let host = ProcessInfo.processInfo.hostName
    var count = 0
    while true {
      let path = "\(directory)/events.out.tfevents.\(padded).\(host).\(getpid()).\(count)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644)
      if descriptor >= 0 { return (path, FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)) }
      guard errno == EEXIST else {
        throw Failure.runtime("Could not create \(path): \(String(cString: strerror(errno))).")
      }
      count += 1
    }
  }
}
