/// The look of the page around the plots.
enum PageStyle {
  static let css = """
    :root { color-scheme: light dark; }
    body { font: 15px/1.45 system-ui, sans-serif; max-width: 74rem; margin: 1.5rem auto; padding: 0 1rem;
      color: #222; background: #fff; }
    h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
    .plots svg { width: 100%; height: auto; break-inside: avoid; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; }
    .legend svg { width: 2.2rem; height: .7rem; margin-right: .45rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
    th:first-child { text-align: left; } thead th { font-weight: 600; vertical-align: bottom; }
    tbody th { font-weight: 400; }
    .note { color: #777; font-size: .85rem; max-width: 48rem; }
    .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); gap: 1rem; }
    figure { margin: 0; border: 1px solid #8884; border-radius: .4rem; overflow: hidden; break-inside: avoid; }
    figure img { width: 100%; height: 14rem; object-fit: contain; display: block; background: #8882; }
    figcaption { padding: .6rem .8rem; } figcaption ul { margin: .5rem 0; padding-left: 1.1rem; color: #777; font-size: .85rem; }
    .caption { margin: 0 0 .25rem; font-weight: 600; } .run, .score { font-weight: 400; color: #777; font-size: .8rem; }
    p.run { margin: 0; overflow-wrap: anywhere; }
    @media (prefers-color-scheme: dark) { body { color: #ddd; background: #16181b; }
      .note, figcaption ul, .run, .score { color: #999; } }
    @media print { body { color: #000; background: #fff; max-width: none; margin: 0; font-size: 10pt; } }
    """
}
