import ArgumentParser
import Captioning
import Collectives
import Configuration
import Runs
import Support
import Tensors
import Training

extension DecodingOptions.Method: ExpressibleByArgument {}
extension DecodingOptions.Scoring: ExpressibleByArgument {}

struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "Captions the images of embedding stores with a trained model.",
    discussion: """
      Writes COCO's results JSON, [{"caption": …, "image_id": …}, …], an object for each image in the order of the \
      stores. Image ids are integers when all of them are, as COCO's tools expect, and strings otherwise. Under \
      mpirun the images are divided over the ranks, and the captions are the same at any number of them.

      Methods: greedy takes the most likely token at each step, as ClipCap's generate2 does. beam follows several \
      captions at a time and takes the one with the best mean log-probability of a token, as ClipCap's \
      generate_beam does, or with --length-penalty ALPHA the best log-probability divided by length^ALPHA. With \
      --scoring probability it takes the most probable caption, whatever its length, and writes no unknown word, as \
      Merge-RNN does (with --beams 3 --max-tokens 20). nucleus \
      samples each token from the smallest set of most likely tokens whose probabilities add up to --top-p.

      Examples:
        capstan caption runs/quickstart --store data/quickstart.h5 \\
          --split test --out captions.json --show 10
        mpirun -n 4 capstan caption runs/coco --store data/val-*.h5 \\
          --out captions.json --method beam --beams 5
        capstan caption runs/coco/checkpoints/latest --store data/val.h5 \\
          --out sampled.json --method nucleus --top-p 0.8 --seed 7
      """)

  @Argument(
    help: ArgumentHelp(
      "A run directory, of which the best checkpoint is used (else the latest); a checkpoint in one; or a model "
        + "directory that `capstan checkpoint import` made.",
      valueName: "model"), completion: .directory)
  var trainedModel: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Embedding stores: paths or globs.", valueName: "file"), completion: .file())
  var store: [String]

  @Option(help: "The split to caption.")
  var split = "val"

  @Option(help: ArgumentHelp("The results file.", valueName: "file"), completion: .file())
  var out: String

  @Option(help: "The decoding method.")
  var method = DecodingOptions.Method.greedy

  @Option(help: "beam: the beam width. (default: 5)")
  var beams: Int?

  @Option(
    help: ArgumentHelp(
      "beam: what compares captions of different lengths: ClipCap's mean log-probability, or the exponent of the "
        + "length. (default: reference)", valueName: "reference|alpha"))
  var lengthPenalty: String?

  @Option(
    help: ArgumentHelp(
      "beam: what compares captions: the mean or the length-penalized log-probability of --length-penalty, or the "
        + "probability, as Merge-RNN has it. (default: length-penalty)",
      valueName: "length-penalty|probability"))
  var scoring: DecodingOptions.Scoring?

  @Option(help: "nucleus: the cumulative probability of the tokens to sample from. (default: 0.9)")
  var topP: Double?

  @Option(help: "beam and nucleus: the softmax temperature. (default: 1)")
  var temperature: Double?

  @Option(help: "nucleus: the random seed, used together with the image ids. (default: 0)")
  var seed: UInt64?

  @Option(
    help:
      "The maximum number of tokens per caption. (default: ClipCap's 67, or what the context length holds)")
  var maxTokens: Int?

  @Flag(help: "Ends captions at a full stop too; a run that learns no end token ends them so in any case.")
  var stopAtPeriod = false

  @Option(
    help:
      "Precision of matrix products: float32, bfloat16, or auto for bfloat16 where it is faster."
  )
  var precision = PrecisionChoice.auto

  @Option(help: ArgumentHelp("Captions only the first images.", valueName: "count"))
  var images: Int?

  @Option(help: ArgumentHelp("Prints the first captions with their references.", valueName: "count"))
  var show = 0

  @Flag(help: "Replaces the results file.")
  var force = false

  func run() throws {
    try requireCounts()
    try onAllRanks { communicator in
      let backend = try Backend(
        threads: threadsPerRank(communicator),
        precision: PrecisionDecision(precision, communicator).precision)
      let isRoot = communicator.isRoot
      try communicator.agree { if isRoot { try OutputPlace.requireFile(out, replacing: force) } }
      let session = try CaptioningSession(
        trainedModel, decodingOptions, communicator: communicator, on: backend)
      let images = try session.images(of: store, split: split, limit: self.images)
      let progress = CaptionProgress(total: images.count, isShown: isRoot)
      progress.begin(with: session.model.source.path, communicator, backend)
      let captions = try session.captions(of: images, progress: progress.report)
      try communicator.agree {
        if isRoot { try ResultsFile.write(imageIDs: images.imageIDs, captions: captions, to: out) }
      }
      guard isRoot else { return }
      progress.end(writingTo: out)
      if show > 0 { print(captionTable(images.imageIDs, captions, try images.references(ofFirst: show))) }
    }
  }

  private var decodingOptions: DecodingOptions {
    var options = DecodingOptions()
    options.method = method
    options.beams = beams
    options.scoring = scoring
    options.lengthPenalty = lengthPenalty
    options.topP = topP
    options.temperature = temperature
    options.seed = seed
    options.maxTokens = maxTokens
    options.stopsAtPeriod = stopAtPeriod
    return options
  }

  private func requireCounts() throws {
    for (name, count, least) in [("images", images ?? 1, 1), ("show", show, 0)] where count < least {
      throw Failure.usage("--\(name) is \(count), but must be at least \(least); choose another number.")
    }
  }
}
