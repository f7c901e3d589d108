import Foundation

extension Case {
  /// Files of a run that are cut, changed or gone when it is resumed.
  static let damages =
    ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"].map { name in
      Case("damaged \(name)", trials: 6, short: name == "model.safetensors") { trial in
        let step = try trial.beginAtRandomStep()
        let newest = RunFiles(trial.directory).checkpoint(step)
        try trial.damage("\(newest)/\(name)")
        try trial.expectRefusal(codes: [65], words: "--resume intact")
        try trial.expectReference(resume: "intact")
        return .fellBack
      }
    } + [
      Case("damaged checkpoints, all but the oldest", trials: 4) { trial in
        try trial.beginAtRandomStep()
        let run = RunFiles(trial.directory)
        for step in run.steps.dropFirst() {
          try trial.damage(
            run.checkpoint(step) + "/" + trial.random.element(of: ["model.safetensors", "manifest.json"]))
        }
        try trial.expectRefusal(codes: [65], words: "--resume intact")
        try trial.expectReference(resume: "intact")
        return .fellBack
      },
      Case("damaged checkpoints, all", trials: 3) { trial in
        try trial.beginAtRandomStep()
        let run = RunFiles(trial.directory)
        for step in run.steps { try trial.damage(run.checkpoint(step) + "/optimizer.safetensors") }
        try trial.expectRefusal(codes: [65], words: "--resume intact")
        try trial.expectRefusal(
          resume: "intact", codes: [65], words: "None of the \(run.steps.count) checkpoints")
        try FileManager.default.removeItem(atPath: trial.directory)
        try trial.expectReference()
        return .refused
      },
      Case("missing manifest.json", trials: 3) { trial in
        // Then it is no checkpoint: what a kill left while one was removed.
        let step = try trial.beginAtRandomStep()
        try FileManager.default.removeItem(
          atPath: RunFiles(trial.directory).checkpoint(step) + "/manifest.json")
        try trial.expectReference()
        return .wentOn
      },
      Case("damaged frozen.safetensors", trials: 5, kind: .frozen, short: true) { trial in
        try trial.beginAtRandomStep()
        let place = trial.directory + "/frozen.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: place))
        try trial.damage(place)
        try trial.expectRefusal(codes: [65], words: "put it back")
        try trial.expectRefusal(resume: "intact", codes: [65], words: "put it back")
        try? FileManager.default.removeItem(atPath: place)
        try whole.write(to: URL(fileURLWithPath: place))
        try trial.expectReference()
        return .refused
      },
      Case("links out of a checkpoint", trials: 5) { trial in
        let files = FileManager.default
        let run = RunFiles(trial.directory)
        let newest = run.checkpoint(try trial.beginAtRandomStep())
        let name = trial.random.element(of: ["model.safetensors", "optimizer.safetensors", "state.json"])
        let outside = trial.directory + "-outside"
        try files.moveItem(atPath: "\(newest)/\(name)", toPath: outside)
        try files.createSymbolicLink(atPath: "\(newest)/\(name)", withDestinationPath: outside)
        try trial.expectRefusal(codes: [65], words: "no regular file")
        try trial.expectReference(resume: "intact")
        guard files.fileExists(atPath: outside) else {
          throw Verdict("\(outside) was removed through a link.")
        }
        return .fellBack
      },
      Case("damaged links", trials: 6) { trial in
        // Training does not follow them, and mends them.
        try trial.beginAtRandomStep()
        let link = RunFiles(trial.directory).checkpoints + "/" + trial.random.element(of: ["latest", "best"])
        try FileManager.default.removeItem(atPath: link)
        switch trial.random.next(below: 4) {
        case 0: _ = FileManager.default.createFile(atPath: link, contents: Data("step-00000004".utf8))
        case 1: symlink("step-00000099", link)
        case 2: symlink(trial.workload.reference(of: trial.kind) + "/checkpoints/step-00000020", link)
        default: break
        }
        try trial.expectReference()
        return .wentOn
      },
      Case("damaged config.yaml", trials: 4) { trial in
        // What counts is the configuration that the job is given.
        try trial.beginAtRandomStep()
        try trial.damage(trial.directory + "/config.yaml")
        try trial.expectReference()
        return .wentOn
      },
      Case("damaged tokenizer", trials: 4) { trial in
        // Which is written anew.
        try trial.beginAtRandomStep()
        let name = trial.random.element(of: ["vocab.json", "merges.txt"])
        try trial.damage("\(trial.directory)/tokenizer/\(name)")
        try trial.expectReference()
        return .wentOn
      },
      Case("cut metrics.jsonl", trials: 4) { trial in
        let step = try trial.beginAtRandomStep()
        try trial.cut(trial.directory + "/metrics.jsonl")
        try trial.expectReference(losses: step + 1)
        return .wentOn
      },
      Case("cut TensorBoard file", trials: 3) { trial in
        try trial.beginAtRandomStep()
        let folder = trial.directory + "/tensorboard"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
          try trial.cut("\(folder)/\(name)")
        }
        try trial.expectReference()
        return .wentOn
      },
    ]
}

extension Trial {
  /// Does to a file what bad disks, copies that were broken off, and people do.
  func damage(_ path: String) throws {
    let place = URL(fileURLWithPath: path)
    var bytes = try Data(contentsOf: place)
    let kind = random.element(of: ["bit", "bit", "bit", "cut", "cut", "empty", "longer", "gone", "zeros"])
    let position = random.next(below: bytes.count)
    switch kind {
    case "bit": bytes[position] ^= 1 << UInt8(random.next(below: 8))
    case "cut": bytes = bytes.prefix(position)
    case "empty": bytes = Data()
    case "longer": bytes.append(contentsOf: bytes.prefix(position + 1))
    case "zeros": bytes.replaceSubrange(position..., with: Data(count: bytes.count - position))
    default: break
    }
    // A file that a checkpoint lacks is damage, but without its manifest it would be none.
    if kind == "gone", !path.hasSuffix("manifest.json") {
      try FileManager.default.removeItem(at: place)
    } else {
      if kind == "gone" { bytes = Data() }
      try bytes.write(to: place)
    }
    note("damaged \(path): \(kind) at \(position)")
  }

  /// Keeps the beginning of a file alone.
  func cut(_ path: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(random.next(below: bytes.count)).write(to: URL(fileURLWithPath: path))
  }
}
