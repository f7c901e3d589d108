import ArgumentParser
import Captioning
import Collectives
import Configuration
import Datasets
import Foundation
import Runs
import Support
import Tensors
import Training

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

  enum Method: String, CaseIterable, ExpressibleByArgument {
    case greedy, beam, nucleus
  }

  enum Scoring: String, CaseIterable, ExpressibleByArgument {
    case lengthPenalty = "length-penalty"
    case probability
  }

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

  @Option(help: "The split of the stores that is captioned.")
  var split = "val"

  @Option(help: ArgumentHelp("The results file.", valueName: "file"), completion: .file())
  var out: String

  @Option(help: "How captions are made of the model's predictions.")
  var method = Method.greedy

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
  var scoring: Scoring?

  @Option(help: "nucleus: the probability of the tokens that are drawn from. (default: 0.9)")
  var topP: Double?

  @Option(help: "beam and nucleus: what logits are divided by. (default: 1)")
  var temperature: Double?

  @Option(help: "nucleus: what captions are drawn by, together with the image ids. (default: 0)")
  var seed: UInt64?

  @Option(
    help: "The most tokens of a caption. (default: ClipCap's 67, or what the model's positions hold)")
  var maxTokens: Int?

  @Flag(help: "Ends captions at a full stop too; a run that learns no end token ends them so in any case.")
  var stopAtPeriod = false

  @Option(
    help:
      "Of matrix products: float32, bfloat16, or auto for bfloat16 where the processor is faster at it."
  )
  var precision = PrecisionChoice.auto

  @Option(help: ArgumentHelp("Captions only the first images.", valueName: "count"))
  var images: Int?

  @Option(help: ArgumentHelp("Prints the first captions beside their references.", valueName: "count"))
  var show = 0

  @Flag(help: "Replaces the results file.")
  var force = false

  func run() throws {
    let method = try decodingMethod()
    try requireCounts()
    try onAllRanks { communicator in
      let backend = try Backend(
        threads: threadsPerRank(communicator),
        precision: PrecisionDecision(precision, communicator).precision)
      let isRoot = communicator.isRoot
      let job = try communicator.agree {
        if isRoot { try OutputPlace.requireFile(out, replacing: force) }
        return try Job(self, method, checkingValues: isRoot, on: backend)
      }
      let steps = communicator.allGather([job.trained.source.description.step])
      try communicator.agree {
        if Set(steps).count > 1 {
          throw Failure.runtime(
            "The run wrote a checkpoint while the ranks read it; start again, or name one checkpoint.")
        }
      }
      let progress = CaptionProgress(total: job.images.count, isShown: isRoot)
      progress.begin(with: job.trained.source.path, communicator, backend)
      let captions = try job.captioner.captions(of: job.images, communicator, progress: progress.report)
      try communicator.agree {
        if isRoot { try ResultsFile.write(imageIDs: job.images.imageIDs, captions: captions, to: out) }
      }
      guard isRoot else { return }
      progress.end(writingTo: out)
      if show > 0 {
        print(captionTable(job.images.imageIDs, captions, try job.images.references(ofFirst: show)))
      }
    }
  }

  /// What is captioned by what, opened and checked.
  private struct Job {
    let trained: LoadedModel
    let captioner: Captioner
    let images: ImageDataset

    init(
      _ command: CaptionCommand, _ method: any DecodingMethod, checkingValues: Bool, on backend: Backend
    ) throws {
      trained = try LoadedModel(path: command.trainedModel, on: backend)
      captioner = try trained.captioner(
        method: method, maxTokens: command.maxTokens, stopsAtPeriod: command.stopAtPeriod)
      // Reading everything once is enough for all ranks.
      let stores = try EmbeddingStore.open(command.store, checking: checkingValues)
      try trained.requireFit(of: stores)
      images = try ImageDataset(stores, split: command.split, limit: command.images)
      if checkingValues { try EmbeddingStore.requireFiniteWhereCheap(stores) }
    }
  }

  private func decodingMethod() throws -> any DecodingMethod {
    let given: [(name: String, isGiven: Bool, methods: [Method])] = [
      ("beams", beams != nil, [.beam]), ("length-penalty", lengthPenalty != nil, [.beam]),
      ("scoring", scoring != nil, [.beam]),
      ("top-p", topP != nil, [.nucleus]), ("seed", seed != nil, [.nucleus]),
      ("temperature", temperature != nil, [.beam, .nucleus]),
    ]
    for option in given where option.isGiven && !option.methods.contains(method) {
      let methods = option.methods.map(\.rawValue).joined(separator: " or ")
      throw Failure.usage(
        "--\(option.name) is for --method \(methods), but the method is \(method.rawValue); leave one of them out."
      )
    }
    let temperature = temperature ?? 1
    guard (0.01...100).contains(temperature) else {
      throw Failure.usage(
        "--temperature is \(temperature), but must be between 0.01 and 100; choose another.")
    }
    switch method {
    case .greedy: return GreedyDecoding()
    case .beam:
      let beams = beams ?? 5
      guard (1...100).contains(beams) else {
        throw Failure.usage("--beams is \(beams), but must be between 1 and 100; choose another number.")
      }
      return BeamSearch(beams: beams, temperature: temperature, scoring: try beamScoring())
    case .nucleus:
      let topP = topP ?? 0.9
      guard topP > 0, topP <= 1 else {
        throw Failure.usage("--top-p is \(topP), but must be above 0 and at most 1; choose another.")
      }
      return NucleusSampling(topP: topP, temperature: temperature, seed: seed ?? 0)
    }
  }

  private func beamScoring() throws -> BeamSearch.Scoring {
    if scoring == .probability {
      guard lengthPenalty == nil else {
        throw Failure.usage(
          "--length-penalty is for --scoring length-penalty, but the scoring is probability; leave one of them out."
        )
      }
      return .probability
    }
    guard let lengthPenalty, lengthPenalty != "reference" else { return .meanLogProbability }
    guard let exponent = Double(lengthPenalty), (0...10).contains(exponent) else {
      throw Failure.usage(
        "--length-penalty is “\(lengthPenalty)”, but must be “reference” or a number between 0 and 10; choose one."
      )
    }
    return .lengthNormalized(exponent: exponent)
  }

  private func requireCounts() throws {
    for (name, count, least) in [("images", images ?? 1, 1), ("show", show, 0)] where count < least {
      throw Failure.usage("--\(name) is \(count), but must be at least \(least); choose another number.")
    }
  }
}
