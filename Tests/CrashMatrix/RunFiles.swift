import Foundation
import Support

/// A run directory as the crash tests see it, with eyes of their own: nothing of Capstan's code for runs is used.
struct RunFiles {
  let path: String
  private let files = FileManager.default

  init(_ path: String) { self.path = path }

  var checkpoints: String { path + "/checkpoints" }

  func checkpoint(_ step: Int) -> String { checkpoints + "/step-" + String(format: "%08d", step) }

  /// Steps of the checkpoints that have a manifest.
  var steps: [Int] {
    ((try? files.contentsOfDirectory(atPath: checkpoints)) ?? []).filter {
      $0.hasPrefix("step-") && files.fileExists(atPath: "\(checkpoints)/\($0)/manifest.json")
    }.compactMap { Int($0.dropFirst(5)) }.sorted()
  }

  /// Makes this a copy of a reference as it was at a step: the newest checkpoints, the best, and the lines of metrics.
  func copy(_ reference: RunFiles, at step: Int) throws {
    try files.copyItem(atPath: reference.path, toPath: path)
    let best = try reference.bestStep(at: step)
    let kept = steps.filter { $0 <= step }.suffix(3)
    for other in steps where !kept.contains(other) && other != best {
      try files.removeItem(atPath: checkpoint(other))
    }
    for (name, step) in [("latest", step), ("best", best ?? step)] {
      try files.removeItem(atPath: "\(checkpoints)/\(name)")
      try files.createSymbolicLink(
        atPath: "\(checkpoints)/\(name)",
        withDestinationPath: URL(fileURLWithPath: checkpoint(step)).lastPathComponent)
    }
  }

  private func bestStep(at step: Int) throws -> Int? {
    let data = try Data(contentsOf: URL(fileURLWithPath: checkpoint(step) + "/state.json"))
    return (try JSONSerialization.jsonObject(with: data) as? [String: Any])?["best_step"] as? Int
  }

  /// Compares the last checkpoint, and every loss from a step on.
  func requireSame(as reference: RunFiles, losses first: Int = 1) throws {
    for name in ["model.safetensors", "optimizer.safetensors", "state.json"] {
      let places = [self, reference].map { "\($0.checkpoint(Workload.steps))/\(name)" }
      guard let bytes = files.contents(atPath: places[0]), bytes == files.contents(atPath: places[1]) else {
        throw Verdict("\(places[0]) is not what it should be.")
      }
    }
    let (found, expected) = try (losses(from: first), reference.losses(from: first))
    guard found == expected else { throw Verdict("The losses differ: \(found), but expected \(expected)") }
  }

  /// Of steps and validations, in the order of their lines.
  private func losses(from first: Int) throws -> [String] {
    let text = try String(contentsOfFile: path + "/metrics.jsonl", encoding: .utf8)
    return try text.split(separator: "\n").compactMap { line in
      guard let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let step = record["step"] as? Int
      else { throw Verdict("metrics.jsonl has the line \(line)") }
      let values = ["loss", "validation_loss", "gradient_norm", "is_best"].map { "\(record[$0] ?? "")" }
      return step < first ? nil : "\(step) " + values.joined(separator: " ")
    }
  }

  /// Whatever has happened, what has a manifest is what the manifest says, and the links lead to such.
  func requireWholeCheckpoints() throws {
    for step in steps { try requireWhole(checkpoint(step)) }
    for name in ["latest", "best"] {
      let link = "\(checkpoints)/\(name)"
      guard let target = try? files.destinationOfSymbolicLink(atPath: link) else { continue }
      guard files.fileExists(atPath: "\(link)/manifest.json") else {
        throw Verdict("\(link) leads to \(target), which is no checkpoint.")
      }
    }
  }

  private func requireWhole(_ directory: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/manifest.json"))
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    guard let entries = object?["files"] as? [String: [String: Any]], entries.count >= 3 else {
      throw Verdict("\(directory)/manifest.json is torn.")
    }
    for (name, entry) in entries {
      guard try Fingerprint(ofFile: "\(directory)/\(name)").description == entry["sha256"] as? String else {
        throw Verdict("\(directory)/\(name) is torn.")
      }
    }
  }

  /// A run that has ended leaves no temporary files and no more checkpoints than it should.
  func requireTidy() throws {
    try requireWholeCheckpoints()
    let remains = try files.subpathsOfDirectory(atPath: path).filter {
      $0.contains("partial-") || $0 == "run.lock"
    }
    guard remains.isEmpty else { throw Verdict("There are remains: \(remains)") }
    guard steps.count <= Workload.keep + 1 else { throw Verdict("There are checkpoints of steps \(steps).") }
  }
}
