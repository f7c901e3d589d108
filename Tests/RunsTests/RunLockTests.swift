import Foundation
import Support
import Testing

@testable import Runs

@Suite struct RunLockTests {
  private let directory: RunDirectory
  private let beat = Duration.milliseconds(20)

  init() throws {
    directory = RunDirectory(NSTemporaryDirectory() + "lock-\(UUID().uuidString)")
    try directory.create()
  }

  /// What a job on another machine would have left.
  private func leave(_ beat: Int = 0) throws {
    let holder = RunLock.Holder(host: "far", pid: 7, since: "2001-01-01T00:00:00Z", machine: "another")
    let line = String(decoding: try JSONEncoder().encode(holder), as: UTF8.self)
    try Data("\(line)\n\(1_000_000_000 + beat)\n".utf8).write(to: URL(fileURLWithPath: directory.lock))
  }

  @Test func oneJobAtATime() throws {
    var lock: RunLock? = try RunLock(directory)
    #expect(lock?.note == nil)
    let failure = #expect(throws: Failure.self) { try RunLock(directory) }
    #expect(failure?.kind == .usage)
    #expect(failure?.description.contains("in use by another job (process \(getpid()) on ") == true)
    lock = nil
    #expect(!FileManager.default.fileExists(atPath: directory.lock))
    #expect(throws: Never.self) { try RunLock(directory) }
  }

  @Test func aLockOfAMachineWithoutHeartbeatIsTakenOver() throws {
    try leave()
    let lock = try RunLock(directory, beat: beat)
    #expect(lock.note?.contains("process 7 on far, since 2001-01-01T00:00:00Z") == true)
  }

  @Test func aLockOfAMachineWithHeartbeatIsHeld() throws {
    try leave()
    let heart = Thread { [self] in
      for beat in 1... {
        if Thread.current.isCancelled { return }
        try? leave(beat)
        usleep(5000)
      }
    }
    heart.start()
    defer { heart.cancel() }
    #expect(throws: Failure.self) { try RunLock(directory, beat: .milliseconds(200)) }
  }

  @Test func whatIsNoLockIsTakenOver() throws {
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: directory.lock))
    #expect(try RunLock(directory, beat: beat).note == nil)
  }

  @Test func aLinkIsNotFollowed() throws {
    let target = NSTemporaryDirectory() + "target-\(UUID().uuidString)"
    try FileManager.default.createSymbolicLink(atPath: directory.lock, withDestinationPath: target)
    #expect(throws: Failure.self) { try RunLock(directory) }
    #expect(!FileManager.default.fileExists(atPath: target))
  }
}
