import ArgumentParser
import Datasets
import Support

struct DataSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Copies an embedding store, with its images assigned to new splits.",
    discussion: """
      One of four rules says which images go to which split; what it does not name goes \
      to --rest, or to uncaptioned where an image has no caption.

      - --list NAME=FILE: the image ids in a file, one on each line.

      - --karpathy FILE: as Karpathy's dataset_*.json has them, or another file of captions \
      with a split for each image.

      - --fraction NAME=SHARE: about that share of the captioned images. Each image's place is \
      a hash of the seed and its id alone, so images that are added later move no others.

      - --last NAME=N: the last N captioned images, in the order of the rows; then the last N before these.

      Examples:
        capstan data split coco.h5 --karpathy dataset_coco.json --out karpathy.h5
        capstan data split my.h5 --fraction val=0.1 --fraction test=0.1 --seed 1 \\
          --out new.h5
        capstan data split flickr8k.h5 --last test=1000 --last val=1000 --out new.h5
        capstan data split my.h5 --list val=val.txt --list test=test.txt --out new.h5
      """
  )

  @Argument(help: "An embedding store.", completion: .file())
  var store: String

  @Option(help: ArgumentHelp("The store to write.", valueName: "file.h5"), completion: .file())
  var out: String

  @Option(help: ArgumentHelp("A split, and a file of image ids.", valueName: "name=file"))
  var list: [NamedValue] = []

  @Option(help: ArgumentHelp("The JSON of Karpathy's splits.", valueName: "file"), completion: .file())
  var karpathy: String?

  @Flag(help: "Karpathy's JSON: keep the split restval, which otherwise joins train.")
  var keepRestval = false

  @Option(help: ArgumentHelp("A split, and its share of the images.", valueName: "name=share"))
  var fraction: [NamedValue] = []

  @Option(
    help: ArgumentHelp("Another seed chooses other images for --fraction. (default: 1)", valueName: "s"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("A split, and how many of the last images.", valueName: "name=n"))
  var last: [NamedValue] = []

  @Option(help: ArgumentHelp("The split of all other images.", valueName: "name"))
  var rest = "train"

  @OptionGroup var output: DataOutput

  func run() throws {
    let rule = try rule
    try output.requirePlace(out)
    var selection = try StoreSelection(of: EmbeddingStore(path: store))
    let report = try selection.split(by: rule, rest: rest)
    try selection.write(to: out)
    try output.tell(report, of: out)
  }

  private var rule: SplitRule {
    get throws {
      let isGiven = [!list.isEmpty, karpathy != nil, !fraction.isEmpty, !last.isEmpty]
      guard isGiven.count(where: \.self) == 1 else {
        throw Failure.usage(
          "One rule was expected and \(isGiven.count(where: \.self)) were given; name the splits by one of "
            + "--list, --karpathy, --fraction and --last.")
      }
      guard (seed == nil || !fraction.isEmpty) && (!keepRestval || karpathy != nil) else {
        throw Failure.usage("--seed is for --fraction, and --keep-restval for --karpathy; leave it out.")
      }
      if let karpathy { return .karpathy(path: karpathy, keepsRestval: keepRestval) }
      if !list.isEmpty { return .lists(list.map { ($0.name, $0.value) }) }
      if !last.isEmpty { return try .last(last.map { ($0.name, try $0.number(Int.self, for: "--last")) }) }
      return try .fractions(
        fraction.map { ($0.name, try $0.number(Double.self, for: "--fraction")) }, seed: seed ?? 1)
    }
  }
}
