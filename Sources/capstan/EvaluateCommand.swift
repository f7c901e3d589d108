import ArgumentParser
import Datasets
import Foundation
import Metrics
import Support

extension CaptionText: ExpressibleByArgument {}

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Scores captions against references: BLEU, ROUGE-L, CIDEr, METEOR, SPICE.",
    discussion: """
      Scores are those of pycocoevalcap 1.2: its tokenization, its BLEU, its ROUGE-L, and its CIDEr, which \
      is CIDEr-D (CIDEr_plain is CIDEr as first defined). METEOR and SPICE are computed by their own \
      programs in Java, when their jars are named; pycocoevalcap carries both.

      References are embedding stores, or a file of captions as capstan data import reads it: COCO's \
      annotations, Karpathy's JSON, dictionaries, tables (docs/captions.md). Every image of the split needs \
      exactly one caption; with --subset some may have none, and are left out.

      Intervals are the middle 95 per cent over samples of the images, drawn with replacement: BLEU's \
      statistics are added over each sample, of other metrics the images' scores are averaged, and CIDEr's \
      document frequencies stay those of all images. --against draws the same samples for both files; p is \
      twice the share of samples in which the difference is zero or of the opposite sign (the files \
      themselves counted as one); a difference below 0.00005 is none. METEOR has no interval.

      Examples:
        capstan evaluate --predictions captions.json \\
          --references data/val.h5 --split val
        capstan evaluate --predictions captions.json \\
          --references captions_val2017.json --json
        capstan evaluate --predictions beam.json --against greedy.json \\
          --references data/flickr8k.h5 --split val --per-image scores.csv
      """)

  @Option(
    help: ArgumentHelp(
      "Captions in COCO's results form, as capstan caption writes them, or in any other of a file of captions.",
      valueName: "file"),
    completion: .file())
  var predictions: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Embedding stores, paths or globs, or a file of captions.", valueName: "file"),
    completion: .file())
  var references: [String]

  @Option(help: "The split of the references, where they have splits.")
  var split: String?

  @OptionGroup(title: "How references are read") var referenceFile: CaptionFileOptions

  @OptionGroup(title: "How predictions are read, and those of --against") var predictionFile:
    PredictionFileOptions

  @Option(
    help: ArgumentHelp("Other captions of the same images, to compare with.", valueName: "file"),
    completion: .file())
  var against: String?

  @Option(
    help: ArgumentHelp(
      "ptb: tokenized, as published scores are. untokenized: as Anshler's evaluation did; nothing else "
        + "compares.", valueName: "ptb|untokenized"))
  var text = CaptionText.ptb

  @Option(help: ArgumentHelp("Computes METEOR with meteor-1.5.jar.", valueName: "file"), completion: .file())
  var meteorJar: String?

  @Option(help: ArgumentHelp("Computes SPICE with spice-1.0.jar.", valueName: "file"), completion: .file())
  var spiceJar: String?

  @Option(
    help: ArgumentHelp("Bootstrap resamples for confidence intervals; 0: no intervals.", valueName: "count"))
  var resamples = 1000

  @Option(help: "The random seed of the resamples.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("Writes a CSV file with the scores of each image.", valueName: "file"),
    completion: .file())
  var perImage: String?

  @Flag(help: "Scores the images that have a caption, and leaves out the others of the split.")
  var subset = false

  @Flag(help: "Replaces the CSV file.")
  var force = false

  @Flag(help: "Prints a JSON object.")
  var json = false

  func run() throws {
    let bootstrap = resamples == 0 ? nil : try Bootstrap(resamples: resamples, seed: seed)
    if against != nil && bootstrap == nil {
      throw Failure.usage("--against compares by samples, but --resamples is 0; leave one of them out.")
    }
    if let perImage { try OutputPlace.requireFile(perImage, option: "--per-image", replacing: force) }
    let written = try ReferenceCaptions(paths: references, split: split, options: referenceFile.options)
    let predicted = try PredictedCaptions(path: predictions, options: predictionFile.options).captions
    let prepared = text.references(try written.matching(predicted.keys.sorted(), isSubset: subset))
    let leftOut = written.imageCount - prepared.count
    let programs = Evaluation.Programs(meteorJar: meteorJar, spiceJar: spiceJar)
    let evaluation = try Evaluation(
      captions: predicted, references: prepared, text: text, training: written.trainingCaptions,
      programs: programs)
    let other = try against.map { path in
      try Evaluation(
        captions: PredictedCaptions(path: path, options: predictionFile.options).captions,
        references: prepared, text: text, programs: programs
      )
    }

    // Before anything is printed: a reader of the output may leave early.
    if let perImage { try DurableFile.write(Data(evaluation.csv.utf8), to: perImage) }
    let intervals = bootstrap?.intervals(of: evaluation.scores) ?? [:]
    let differences = try other.flatMap { try bootstrap?.differences(of: evaluation.scores, from: $0.scores) }
    if json {
      let report = EvaluationReport(
        evaluation, imagesWithoutCaption: leftOut, text: text, intervals: intervals,
        differences: differences ?? [:])
      // pycocoevalcap's names, such as Bleu_1.
      try printJSON(report, keys: .useDefaultKeys)
    } else {
      let count = prepared.values.reduce(0) { $0 + $1.count }
      let scored = leftOut > 0 ? "\(prepared.count) of " : ""
      let images = scored + counted(written.imageCount, "image")
      print("\(images), \(counted(count, "reference")), text: \(text.rawValue)\n")
      print(evaluation.scores.table(intervals, against: other?.scores, differences ?? [:]))
      if !evaluation.scores.isCIDErMeaningful {
        print(
          "\nCIDEr is 0 here whatever the captions say: it weighs words by the images whose references lack them, and "
            + "there are none.")
      }
      print("\n\(evaluation.diagnostics.table)")
    }
  }
}
