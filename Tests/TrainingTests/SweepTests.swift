import Foundation
import Testing

@testable import Sweeps
@testable import Training

@Suite struct SweepTests {
  private func sweep(
    _ run: TinyRun, grid: [String] = [], list: [String] = [], common: [String] = []
  ) throws -> Sweep {
    let file = run.folder + "/sweep.yaml"
    try Data(run.configuration.yaml().utf8).write(to: URL(filePath: file))
    return try Sweep(
      configuration: file, directory: run.folder + "/sweep", grid: grid, list: list, common: common)
  }

  @Test func aListIsRunWithEveryCombinationOfTheGrid() throws {
    let sweep = try sweep(
      TinyRun(), grid: ["run.seed=1,2"],
      list: ["train.clip_norm=1.0 train.steps=3", "model.mapper.kind=transformer"],
      common: ["checkpoint.keep=1"])
    #expect(
      sweep.runs.map(\.name) == [
        "clip_norm-1.0,steps-3,seed-1", "clip_norm-1.0,steps-3,seed-2", "kind-transformer,seed-1",
        "kind-transformer,seed-2",
      ])
    #expect(sweep.runs[2].overrides == ["checkpoint.keep=1", "model.mapper.kind=transformer", "run.seed=1"])
    let arguments = sweep.arguments(for: sweep.runs[2])
    #expect(arguments.first == "train" && arguments.suffix(2) == ["--resume", "auto"])
    #expect(arguments.contains("run.directory=" + sweep.directory(of: sweep.runs[2])))
  }

  @Test func whatCannotBeRunIsSaidBeforeTheFirst() throws {
    let run = try TinyRun()
    expectFailure(.usage, "Nothing varies") { _ = try sweep(run) }
    expectFailure(.usage, "gives no values") { _ = try sweep(run, grid: ["run.seed"]) }
    expectFailure(.usage, "the same") { _ = try sweep(run, grid: ["run.seed=1,1"]) }
    expectFailure(.usage, "did you mean train.steps") { _ = try sweep(run, grid: ["train.step=1,2"]) }
  }

  @Test func aRunsDirectoryIsTheSweeps() throws {
    let run = try TinyRun()
    for (grid, common) in [(["run.directory=a,b"], []), (["run.seed=1,2"], ["run.directory=a"])] {
      expectFailure(.usage, "below --directory") { _ = try sweep(run, grid: grid, common: common) }
    }
  }

  /// A program that notes what it is started for and ends with `code` where it is started with `words`.
  private func program(_ run: TinyRun, endsWith code: Int, at words: String) throws -> String {
    let path = run.folder + "/program"
    let text = """
      #!/bin/sh
      echo "$@" >>"\(run.folder)/started"
      case "$*" in *\(words)*) exit \(code) ;; esac
      """
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  private func started(_ run: TinyRun) throws -> [Substring] {
    try String(contentsOfFile: run.folder + "/started", encoding: .utf8).split(separator: "\n")
  }

  @Test func allAreCheckedBeforeTheFirst() throws {
    let run = try TinyRun()
    let sweep = try sweep(run, grid: ["run.seed=1,2,3"])
    let program = try program(run, endsWith: 64, at: "run.seed=2")
    expectFailure(.usage, "seed-2 cannot start", "none was started") {
      try sweep.requireStarts(launcher: [], program: program)
    }
    let started = try started(run)
    #expect(started.count == 2 && started.allSatisfy { $0.hasSuffix("--resume auto --dry-run") })
  }

  @Test func aRunThatFailsKeepsNoOtherFromItsTurn() throws {
    let run = try TinyRun()
    let sweep = try sweep(run, grid: ["run.seed=1,2,3"])
    var begun: [String] = []
    let program = try program(run, endsWith: 3, at: "run.seed=2")
    let endings = try sweep.run(launcher: ["env"], program: program) { begun.append($1.name) }
    #expect(endings == [0, 3, 0] && begun == sweep.runs.map(\.name))
    #expect(throws: Never.self) { try sweep.requireSuccess([0, 0, 0]) }
    expectFailure(.runtime, "1 of 3 runs", "seed-2 ended with code 3") { try sweep.requireSuccess(endings) }
  }
}
