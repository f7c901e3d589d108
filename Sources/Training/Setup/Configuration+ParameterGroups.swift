import Autograd
import Configuration
import Models
import Support

extension Configuration {
  /// Whether training changes a parameter: it does not where the family or a group freezes it.
  func isTrained(_ parameter: Parameter, in model: any CaptionModel) -> Bool {
    self.model.section.trains(parameter, of: model)
      && optimizer.groupSection(of: parameter)?.trained ?? true
  }

  /// - Throws: `Failure.usage` for a group that names nothing, and where nothing would be trained.
  func requireGroups(in model: any CaptionModel) throws {
    let parameters = model.parameters
    for (index, group) in optimizer.groups.enumerated() {
      let named = parameters.filter(group.names)
      let earlier = optimizer.groups.prefix(index)
      guard !named.allSatisfy({ parameter in earlier.contains { $0.names(parameter) } }) else {
        let patterns = group.parameters.map { "“\($0)”" }.joined(separator: ", ")
        throw Failure.usage(
          named.isEmpty
            ? "optimizer.groups[\(index)] names \(patterns), which no parameter of the model is called; their names are "
              + "such as \(parameters[0].name) and \(parameters[parameters.count - 1].name)."
            : "optimizer.groups[\(index)] names \(patterns), which groups before it name too, so it would have no parameter; "
              + "put it first, or leave it out.")
      }
    }
    guard parameters.contains(where: { isTrained($0, in: model) }) else {
      throw Failure.usage(
        "optimizer.groups leaves nothing to be trained; set trained to true for a group, or leave one out.")
    }
  }
}
