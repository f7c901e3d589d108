import ArgumentParser
import Datasets

/// How the commands that read a file of captions are told to read it.
struct CaptionFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      auto, or json: objects in a list or on lines, COCO's, Karpathy's, a dictionary; table: with commas, tabs, \
      semicolons or bars; flickr: token.txt with image.jpg#0, a tab and the caption; lines: captions alone.
      """, valueName: "format"),
    completion: .list(CaptionFormat.allCases.map(\.rawValue)))
  var captionsFormat = CaptionFormat.auto

  @Option(
    help: ArgumentHelp(
      "The column of a table, or the key of JSON, that names the image; a number where a table has no header.",
      valueName: "name"))
  var imageColumn: String?

  @Option(
    name: [.long, .customLong("caption-field")],
    help: ArgumentHelp(
      "One that holds captions; may be given several times. Of Karpathy's sentences: raw, or tokens, joined by spaces.",
      valueName: "name"))
  var captionColumn: [String] = []

  @Option(help: ArgumentHelp("The column or key that contains the split.", valueName: "name"))
  var splitColumn: String?

  @Flag(help: "Keep Karpathy's split restval, which otherwise joins train.")
  var keepRestval = false

  var options: CaptionOptions {
    var options = CaptionOptions()
    options.format = captionsFormat
    options.imageColumn = imageColumn
    options.captionColumns = captionColumn
    options.splitColumn = splitColumn
    options.keepsRestval = keepRestval
    return options
  }
}

/// The same for a file of one caption an image, beside one of references.
struct PredictionFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The format, as of references.", valueName: "format"),
    completion: .list(CaptionFormat.allCases.map(\.rawValue)))
  var predictionsFormat = CaptionFormat.auto

  @Option(help: ArgumentHelp("The column or key that names the image.", valueName: "name"))
  var predictionsImageColumn: String?

  @Option(help: ArgumentHelp("The one that holds the caption.", valueName: "name"))
  var predictionsCaptionColumn: String?

  @Option(help: ArgumentHelp("The column or key that contains the split; optional.", valueName: "name"))
  var predictionsSplitColumn: String?

  var options: CaptionOptions {
    var options = CaptionOptions()
    options.format = predictionsFormat
    options.imageColumn = predictionsImageColumn
    options.captionColumns = [predictionsCaptionColumn].compactMap(\.self)
    options.splitColumn = predictionsSplitColumn
    return options
  }
}

extension CaptionFormat: ExpressibleByArgument {
  public init?(argument: String) { self.init(name: argument) }
}
