import Foundation
import Support

/// Keeps a second job out of a run directory, where two would overwrite each other's checkpoints.
///
/// `run.lock` says who has it. On one machine flock(2) decides, which ends with the process whatever ends it. Between
/// machines, where a file system may not pass flock on, the holder's heartbeat decides: a number in the file that grows
/// while it lives. Nobody's clock is compared with anybody else's.
public final class RunLock {
  /// Who took over from whom, where a job that has ended left its lock.
  public let note: String?
  private let path: String
  private let descriptor: Int32
  private let heart: DispatchSourceTimer

  /// Who holds a lock, as the first line of the file says it.
  struct Holder: Codable, Equatable {
    let host: String
    let pid: Int32
    let since: String
    /// Changes with every start of a machine and from container to container.
    let machine: String

    static var current: Holder {
      let boot = SystemFile("/proc/sys/kernel/random/boot_id").lines.first ?? ""
      let processes = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
      return Holder(
        host: ProcessInfo.processInfo.hostName, pid: getpid(), since: Date.now.formatted(.iso8601),
        machine: "\(boot) \(processes)")
    }

    var description: String { "process \(pid) on \(host), since \(since)" }
  }

  /// Takes the lock of a run directory that is there, and keeps it until it is let go of or the process ends.
  /// - Parameter beat: the time from one heartbeat to the next. A lock of another machine is watched for four of them.
  /// - Throws: `Failure.usage` when another job has it, `Failure.runtime` when it cannot be written.
  public init(_ directory: RunDirectory, beat: Duration = .seconds(3)) throws {
    path = directory.lock
    let (descriptor, isFree) = try Self.openLocked(path)
    self.descriptor = descriptor
    var isHeld = !isFree
    let content = Self.content(descriptor)
    let holder = content.split(separator: "\n").first.flatMap {
      try? JSONDecoder().decode(Holder.self, from: Data($0.utf8))
    }
    let mine = Holder.current
    if !isHeld, let holder, holder.machine != mine.machine {
      Thread.sleep(forTimeInterval: 4 * (beat / .seconds(1)))
      isHeld = Self.content(descriptor) != content
    }
    guard !isHeld else {
      close(descriptor)
      throw Failure.usage(
        "\(directory.path) is in use by another job (\(holder?.description ?? "which has just begun")); wait for that "
          + "to end, or set run.directory to another folder.")
    }
    note = holder.map { "taking over from a job that exited without releasing the lock: \($0.description)" }
    do {
      let line = String(decoding: try JSONEncoder().encode(mine), as: UTF8.self)
      heart = try Self.beating(descriptor, behind: line, every: beat)
    } catch {
      close(descriptor)
      throw Failure.runtime("\(path) could not be written; free some space or choose another run.directory.")
    }
  }

  deinit {
    heart.cancel()
    unlink(path)
    close(descriptor)
  }

  /// Opens the file and tries to lock it.
  private static func openLocked(_ path: String) throws -> (descriptor: Int32, isFree: Bool) {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else {
        throw Failure.system("open \(path)")
      }
      let isHeld = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      // A holder that ended meanwhile has removed the file that was opened.
      if isHeld || isAt(path, descriptor) { return (descriptor, !isHeld) }
      close(descriptor)
    }
  }

  private static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
    var (opened, there) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && stat(path, &there) == 0 && opened.st_ino == there.st_ino
  }

  /// Writes the first line, and from then on a growing number behind it.
  private static func beating(
    _ descriptor: Int32, behind line: String, every beat: Duration
  ) throws -> DispatchSourceTimer {
    func write(_ number: Int) -> Bool {
      let bytes = Array("\(line)\n\(1_000_000_000 + number)\n".utf8)
      return pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    }
    guard ftruncate(descriptor, 0) == 0, write(0) else { throw POSIXError(.ENOSPC) }
    let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
    let seconds = beat / .seconds(1)
    var number = 0
    timer.schedule(deadline: .now() + seconds, repeating: seconds)
    timer.setEventHandler {
      number += 1
      _ = write(number)
    }
    timer.resume()
    return timer
  }

  private static func content(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
