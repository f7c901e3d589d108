import ArgumentParser
import Interchange
import Runs
import Training

struct CheckpointInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Prints what a model is.",
    discussion: """
      Example:
        capstan checkpoint info runs/quickstart
      """)

  @Argument(
    help: ArgumentHelp(
      "A run, a checkpoint, a model directory or a Hugging Face model's directory.", valueName: "model"),
    completion: .directory)
  var model: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let summary = ModelSummary(try PortableModel(StoredModel(model)))
    json ? try printJSON(summary) : print(summary)
  }
}
