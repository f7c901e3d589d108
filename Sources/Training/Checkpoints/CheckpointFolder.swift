import Essentials
import Foundation

/// The checkpoints of one run: `step-00000120` each, and two links, `latest` and `best`.
struct CheckpointFolder: Sendable {
  let path: String

  func directory(ofStep step: Int) -> String { "\(path)/\(Self.name(ofStep: step))" }

  static func name(ofStep step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// Steps of the complete checkpoints, ascending: those whose manifest is there.
  var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { FileManager.default.fileExists(atPath: "\(path)/\($0)/\(Manifest.name)") }
      .compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }.sorted()
  }

  /// Makes a checkpoint by `write`, which fills an empty directory: complete under its final name, or absent.
  func add(step: Int, _ write: (_ directory: String) throws -> Void) throws {
    let temporary = "\(path)/partial-\(Self.name(ofStep: step))"
    let files = FileManager.default
    try? files.removeItem(atPath: temporary)
    do {
      try files.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      try write(temporary)
      try Manifest(of: temporary).write(to: temporary)
      // Only a run that was interrupted before a validation writes a step a second time, with what that has found.
      remove(step: step)
      try files.moveItem(atPath: temporary, toPath: directory(ofStep: step))
      try DurableFile.synchronize(path)
    } catch {
      try? files.removeItem(atPath: temporary)
      if let failure = error as? Failure { throw failure }
      throw Failure.runtime("A checkpoint could not be written to \(path): \(error.localizedDescription)")
    }
  }

  /// Points a link at a step's checkpoint; the old one is there until the new one is.
  func link(_ name: String, toStep step: Int) throws {
    let temporary = "\(path)/partial-\(name)"
    unlink(temporary)
    guard symlink(Self.name(ofStep: step), temporary) == 0, rename(temporary, "\(path)/\(name)") == 0 else {
      throw Failure.runtime("\(path)/\(name) could not be linked: \(String(cString: strerror(errno))).")
    }
  }

  /// Removes all but the newest `keep` checkpoints and the best; and what a kill left half-written.
  func purge(keep: Int, best: Int?) {
    for step in steps.dropLast(keep) where step != best { remove(step: step) }
    removeRemains()
  }

  /// Removes the checkpoints that lie behind a step, when a run is gone on with from there.
  func drop(after step: Int) {
    for later in steps where later > step { remove(step: later) }
    removeRemains()
  }

  private func remove(step: Int) {
    // The manifest goes first: a removal that is cut short must not look like a checkpoint.
    unlink("\(directory(ofStep: step))/\(Manifest.name)")
    try? FileManager.default.removeItem(atPath: directory(ofStep: step))
  }

  private func removeRemains() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix("step-") || name.hasPrefix("partial-") {
      let place = "\(path)/\(name)"
      if !FileManager.default.fileExists(atPath: "\(place)/\(Manifest.name)") || name.hasPrefix("partial-") {
        try? FileManager.default.removeItem(atPath: place)
      }
    }
  }
}
