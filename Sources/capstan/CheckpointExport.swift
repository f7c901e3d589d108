import ArgumentParser
import Interchange
import Runs
import Support
import Training

extension ModelFormat: ExpressibleByArgument {
  /// `gpt2` is what `huggingface` was called when GPT-2 was the only language model.
  public init?(argument: String) { self.init(rawValue: argument == "gpt2" ? "huggingface" : argument) }
}

struct CheckpointExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Exports a model for other programs, or in one piece.",
    discussion: """
      A run with a frozen language model keeps that apart from what it trains; here both come together.

      Formats: torch is a state dict under ClipCap's names, which torch.load(weights_only=True) reads and ClipCap's \
      load_state_dict(strict=True) takes. safetensors has the same names. huggingface is the language model alone, a \
      directory that AutoModelForCausalLM.from_pretrained reads. model is a directory of Capstan's, which knows all that captioning \
      takes. The suffix of --out decides the format: .pt, .pth and .bin are torch, .safetensors is itself, none is model.

      Examples:
        capstan checkpoint export runs/coco --out coco_weights.pt
        capstan checkpoint export runs/coco/checkpoints/latest --out coco.safetensors
        capstan checkpoint export runs/coco --format huggingface --out coco-gpt2
        capstan checkpoint export runs/coco --out models/coco
      """)

  @Argument(
    help: ArgumentHelp(
      "A run, of which the best checkpoint is taken (else the latest); a checkpoint; or a model directory.",
      valueName: "model"),
    completion: .directory)
  var model: String

  @Option(help: ArgumentHelp("The file or directory to write.", valueName: "path"), completion: .file())
  var out: String

  @Option(help: "What to write. (default: as the suffix of --out says)")
  var format: ModelFormat?

  @Flag(
    help:
      "torch: adds the constant masks of GPT-2's blocks, for load_state_dict(strict=True) by transformers before 4.30."
  )
  var maskBuffers = false

  @Flag(help: "Overwrites existing output.")
  var force = false

  func run() throws {
    guard let format = format ?? ModelFormat(ofPath: out) else {
      throw Failure.usage(
        "The suffix of --out \(out) is none of .pt, .pth, .bin and .safetensors; say what to write with --format."
      )
    }
    guard format == .torch || !maskBuffers else {
      throw Failure.usage(
        "--mask-buffers is for --format torch, but the format is \(format.rawValue); leave it out.")
    }
    try format.requirePlace(out, replacing: force)
    let model = try PortableModel(StoredModel(model))
    try model.write(format, to: out, includingMasks: maskBuffers)
    print("\(ModelSummary(model))\nwritten to \(out)")
  }
}
