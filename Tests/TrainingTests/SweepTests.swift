import Foundation
import Testing

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

  @Test func stopsAtTheRunThatFails() throws {
    let sweep = try sweep(TinyRun(), grid: ["run.seed=1,2"])
    var begun: [String] = []
    try sweep.run(launcher: [], program: "true") { begun.append($1.name) }
    #expect(begun == ["seed-1", "seed-2"])
    begun = []
    expectFailure(.runtime, "seed-1 ended with code 1") {
      try sweep.run(launcher: ["env"], program: "false") { begun.append($1.name) }
    }
    #expect(begun == ["seed-1"])
  }
}
