import Foundation
import Support

/// The checkpoints of one run: `step-00000120` each, and two links, `latest` and `best`.
public struct CheckpointFolder: Sendable {
  public let path: String

  public init(path: String) {
    self.path = path
  }

  public func directory(ofStep step: Int) -> String { "\(path)/\(Self.name(ofStep: step))" }

  public static func name(ofStep step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// Nil for names that ``name(ofStep:)`` does not give.
  public static func step(ofName name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), self.name(ofStep: step) == name else {
      return nil
    }
    return step
  }

  /// Steps of the complete checkpoints, ascending: directories, no links to any, whose manifest is there.
  public var steps: [Int] { names.compactMap(Self.step).filter(isComplete).sorted() }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  private func isComplete(step: Int) -> Bool {
    let directory = directory(ofStep: step)
    return FileKind(directory) == .directory && FileKind("\(directory)/\(Manifest.name)") == .file
  }

  /// Makes a checkpoint by `write`, which fills an empty directory: complete under its final name, or absent.
  /// - Parameter frozen: what the checkpoint needs of the run's frozen parameters; nil where none are.
  public func add(step: Int, frozen: Manifest.Entry? = nil, _ write: (_ directory: String) throws -> Void)
    throws
  {
    let temporary = "\(path)/partial-\(Self.name(ofStep: step))"
    let files = FileManager.default
    try? files.removeItem(atPath: temporary)
    do {
      try DurableFile.makeDirectory(temporary)
      try write(temporary)
      try Manifest(of: temporary, frozen: frozen).write(to: temporary)
      // Only a run that was interrupted before a validation writes a step a second time, with what that has found.
      try DurableFile.replaceDirectory(directory(ofStep: step), by: temporary)
    } catch {
      try? files.removeItem(atPath: temporary)
      throw error as? Failure ?? Failure.runtime("A checkpoint could not be written to \(path): \(error).")
    }
  }

  /// Points a link at a step's checkpoint; the old one is there until the new one is. Where there is no such
  /// checkpoint, there is no link.
  public func link(_ name: String, toStep step: Int?) throws {
    let link = "\(path)/\(name)"
    guard let step, isComplete(step: step) else {
      unlink(link)
      return
    }
    let temporary = "\(path)/partial-\(name)"
    unlink(temporary)
    guard symlink(Self.name(ofStep: step), temporary) == 0 else {
      throw Failure.system("make the link \(link)")
    }
    try DurableFile.rename(temporary, to: link)
  }

  /// The checkpoint that a link names; nil where there is no link.
  /// - Throws: `Failure.badData` when it leads to no checkpoint beside it.
  public func directory(linkedBy name: String) throws -> String? {
    let link = "\(path)/\(name)"
    guard let kind = FileKind(link) else { return nil }
    let target = kind == .link ? try? FileManager.default.destinationOfSymbolicLink(atPath: link) : nil
    guard let step = target.flatMap(Self.step), isComplete(step: step) else {
      throw Failure.badData(
        "\(link) is no link to a complete checkpoint beside it\(target.map { ", but to \($0)" } ?? ""); remove it, or "
          + "name a checkpoint.")
    }
    return directory(ofStep: step)
  }

  /// The checkpoint's directory that `path` names: itself, or what a link such as `latest` names beside it.
  /// - Throws: `Failure.badData` for a link that leads elsewhere.
  static func resolve(_ path: String) throws -> String {
    let place = URL(fileURLWithPath: path)
    guard FileKind(place.path) == .link else { return path }
    let folder = CheckpointFolder(path: place.deletingLastPathComponent().path)
    return try folder.directory(linkedBy: place.lastPathComponent) ?? path
  }

  /// Removes all but the newest `keep` checkpoints and the best; and what a kill left half-written.
  func purge(keep: Int, best: Int?) {
    for step in steps.dropLast(keep) where step != best { remove(step: step) }
    removeStaleTemporaries()
  }

  /// Makes the folder what it was in a state that is resumed from: what lies behind it is removed, after the links
  /// have left it.
  public func rewind(to state: RunState) throws {
    try setLinks(to: state)
    for later in steps where later > state.step { remove(step: later) }
    removeStaleTemporaries()
  }

  /// Points both links where they lead in a state.
  public func setLinks(to state: RunState) throws {
    try link("latest", toStep: state.step)
    try link("best", toStep: state.bestStep)
  }

  private func remove(step: Int) {
    // The manifest goes first: a removal that is cut short must not look like a checkpoint.
    unlink("\(directory(ofStep: step))/\(Manifest.name)")
    try? FileManager.default.removeItem(atPath: directory(ofStep: step))
  }

  private func removeStaleTemporaries() {
    for name in names {
      let isIncomplete = Self.step(ofName: name).map { !isComplete(step: $0) } ?? false
      if isIncomplete || name.hasPrefix("partial-") {
        try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
      }
    }
  }
}
