/// What a matrix product with a weight is for.
public enum MatmulForm: String, Codable, CaseIterable, Sendable {
  case forward
  case inputGradient
  case weightGradient
}

/// The arithmetic that a dry backend has been asked for: products with weights, and attention.
public final class OperationCounter {
  /// All products with one weight.
  public struct Product: Equatable, Sendable {
    /// The parameter's name.
    public let weight: String
    public let inputs: Int
    public let outputs: Int
    /// That have gone through it forward.
    public fileprivate(set) var rows = 0
    /// A multiplication and an addition are two.
    public fileprivate(set) var operations: [MatmulForm: Double] = [:]
  }

  /// In the order in which the weights were first used.
  public private(set) var products: [Product] = []
  private var places: [String: Int] = [:]
  /// Of attention's scores and weighted sums, and of their gradients.
  public private(set) var attentionOperations = 0.0

  public init() {}

  public var total: Double {
    products.reduce(attentionOperations) { $0 + $1.operations.values.reduce(0, +) }
  }

  /// - Parameters:
  ///   - inputs, outputs: of the weight, or of the part of it that is multiplied with.
  public func countProduct(_ form: MatmulForm, with weight: String, rows: Int, inputs: Int, outputs: Int) {
    if places[weight] == nil {
      places[weight] = products.count
      products.append(Product(weight: weight, inputs: inputs, outputs: outputs))
    }
    guard let place = places[weight] else { return }
    if form == .forward { products[place].rows += rows }
    products[place].operations[form, default: 0] += 2 * Double(rows) * Double(inputs) * Double(outputs)
  }

  /// - Parameters:
  ///   - pairs: of a query and a key that it sees.
  ///   - width: of all heads together.
  ///   - products: for each pair and head: two forward, and four for their gradients.
  public func countAttention(pairs: Int, width: Int, products: Int) {
    attentionOperations += 2 * Double(products) * Double(width) * Double(pairs)
  }
}
