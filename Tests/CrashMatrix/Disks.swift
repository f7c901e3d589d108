import Foundation
import Support

extension Case {
  /// Disks that are full, and places that cannot be written.
  static let disks = [
    Case("disk full", trials: 14, short: true) { trial in
      // The files of a run take about so much; the disk is full at any of its writes.
      let size = 16 + trial.random.next(below: 2800)
      guard let disk = SmallDisk(at: trial.directory, kibibytes: size) else { return .skipped }
      defer { disk.unmount() }
      trial.note("a disk of \(size) KiB")
      // The second time it is still full, but for what the first has removed.
      for _ in 0..<2 {
        let ending = try trial.start(resume: "auto").wait()
        if ending.code != 0 {
          try trial.expectComplaint(of: ending, codes: [1], words: "free some space")
        }
        try RunFiles(trial.directory).requireWholeCheckpoints()
      }
      disk.grow()
      try trial.expectReference()
      return .wentOn
    },
    Case("read-only disk", trials: 3) { trial in
      try trial.beginAtRandomStep()
      guard let disk = SmallDisk(readOnly: trial.directory) else { return .skipped }
      try trial.expectRefusal(codes: [1], words: "Read-only file system")
      disk.unmount()
      try trial.expectReference()
      return .refused
    },
    Case("read-only directory at the start", trials: 6, short: true) { trial in
      try trial.beginAtRandomStep()
      let name = trial.random.element(of: ["", "/checkpoints", "/tokenizer", "/tensorboard"])
      guard let lock = Immutable(trial.directory + name) else { return .skipped }
      trial.note("immutable: “\(name)”")
      try trial.expectRefusal(codes: [1], words: "not permitted")
      lock.release()
      try trial.expectReference()
      return .refused
    },
    Case("read-only checkpoints at a step", trials: 6) { trial in
      let job = try trial.start()
      _ = trial.wait(for: "forward", in: job, occurrence: 1 + trial.random.next(below: 12))
      let lock = Immutable(trial.directory + "/checkpoints")
      let ending = try job.wait()
      guard let lock else { return .skipped }
      lock.release()
      try RunFiles(trial.directory).requireWholeCheckpoints()
      // It may have written its last.
      if ending.code != 0 { try trial.expectComplaint(of: ending, codes: [1], words: "not permitted") }
      try trial.expectReference()
      return .wentOn
    },
    Case("something else in a place", trials: 8) { trial in
      let files = FileManager.default
      try trial.beginAtRandomStep()
      let name = trial.random.element(of: [
        "", "/tokenizer", "/tensorboard", "/metrics.jsonl", "/config.yaml", "/checkpoints/latest",
      ])
      let (place, aside) = (trial.directory + name, trial.directory + "-aside")
      trial.note("something else: “\(name)”")
      try files.moveItem(atPath: place, toPath: aside)
      let isFile = name.contains(".") || name.contains("latest")
      if isFile {
        try files.createDirectory(atPath: place + "/inner", withIntermediateDirectories: true)
      } else {
        _ = files.createFile(atPath: place, contents: Data())
      }
      try trial.expectRefusal()
      try files.removeItem(atPath: place)
      try files.moveItem(atPath: aside, toPath: place)
      try trial.expectReference()
      return .refused
    },
  ]
}

/// A file system of its own at a directory, as only the superuser can make it.
struct SmallDisk {
  let directory: String

  /// Nil where that is not allowed.
  init?(at directory: String, kibibytes: Int) {
    self.directory = directory
    try? DurableFile.makeDirectory(directory)
    guard run("mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", directory) else { return nil }
  }

  /// The directory itself, which can only be read.
  init?(readOnly directory: String) {
    self.directory = directory
    guard run("mount", "--bind", directory, directory) else { return nil }
    guard run("mount", "-o", "remount,bind,ro", directory) else {
      unmount()
      return nil
    }
  }

  func grow() { _ = run("mount", "-o", "remount,size=64m", directory) }
  func unmount() { _ = run("umount", directory) }
}

/// A directory in which nothing can be made, renamed or removed, not even by the superuser.
struct Immutable {
  let path: String

  /// Nil where the file system has no such thing.
  init?(_ path: String) {
    self.path = path
    guard run("chattr", "+i", path) else { return nil }
  }

  func release() { _ = run("chattr", "-i", path) }
}

/// Whether a program of the system does what it is asked for.
private func run(_ command: String...) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}
