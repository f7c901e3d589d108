import Testing

@testable import Configuration
@testable import Training

@Suite struct MemoryRefusalTests {
  @Test func aRunThatDoesNotFitIsRefused() throws {
    let run = try TinyRun()
    let data = try TrainingData(run.configuration, communicator: .alone, on: run.backend)
    func require(_ configuration: Configuration, available: Int) throws {
      try configuration.requireMemory(
        for: data, ranks: 1, ranksPerNode: 1, available: available, on: run.backend)
    }
    try require(run.configuration, available: 1 << 30)
    expectFailure(.usage, "available", "train.activation_checkpointing", "train.accumulation_steps") {
      try require(run.configuration, available: 1 << 10)
    }
    expectFailure(.usage, "set train.accumulation_steps higher or make train.batch_size smaller") {
      try require(run.configured("train.activation_checkpointing=true"), available: 1 << 10)
    }
  }
}
