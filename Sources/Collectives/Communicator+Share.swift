import Support

extension Communicator {
  /// This rank's part of `count` things, such as lanes, that are dealt out in their order.
  public func localRange(of count: Int) -> Range<Int> { count.part(rank, of: size) }
}
