using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>The series of several log files in the order of their labels; each is known by its place there.</summary>
/// <param name="symbols">The texts of all labels.</param>
/// <param name="run">The series.</param>
/// <param name="ranks">For each number of a series its place.</param>
/// <param name="numbers">File by file, the numbers of its series.</param>
/// <param name="files">The files.</param>
internal sealed class SortedSeries(
    SymbolTable symbols,
    SeriesRun run,
    int[] ranks,
    ScratchFile numbers,
    IReadOnlyList<CatalogedFile> files
) : IDisposable
{
    /// <summary>Series in all.</summary>
    public int Count => run.Count;

    /// <summary>The texts.</summary>
    public SymbolTable Symbols => symbols;

    /// <summary>Bytes of temporary files.</summary>
    public long TemporaryBytes => run.FileBytes + numbers.FileBytes;

    /// <summary>A reader before the first series.</summary>
    public SeriesRun.Reader Read() => run.Read();

    /// <summary>For the second reading of the files, in the same order: each list then has the places of its series.</summary>
    public IEnumerable<LabelsDecoder> Files()
    {
        var input = new ScratchReader(numbers);
        foreach (var file in files)
        {
            var places = new int[file.Series];
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = ranks[input.ReadUvarint()];
            }
            yield return new FileLabels(file, places);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        run.Dispose();
        numbers.Dispose();
    }

    /// <summary>The lists of a file whose labels are known already. Lists that nobody uses any more take only their runs.</summary>
    private sealed class FileLabels(CatalogedFile file, int[] places) : LabelsDecoder
    {
        private readonly Dictionary<
            int,
            (int Count, (int First, int Length)[] Runs, WeakReference<SeriesList>? Last)
        > lists = [];

        /// <inheritdoc/>
        public override int SeriesCount => places.Length;

        /// <inheritdoc/>
        protected override int SymbolCount => file.Symbols;

        /// <inheritdoc/>
        public override bool KnowsLabels => true;

        /// <inheritdoc/>
        protected override void AddSymbol(ReadOnlySpan<byte> text) => throw new InvalidOperationException();

        /// <inheritdoc/>
        protected override void AddSeries(
            ref ByteReader input,
            int shared,
            ReadOnlySpan<(uint Name, uint Value)> labels
        ) => throw new InvalidOperationException();

        /// <inheritdoc/>
        protected override void AddList(int id, int count, IReadOnlyList<(int First, int Length)> series) =>
            lists[id] = (count, [.. series], null);

        /// <inheritdoc/>
        protected override string TextOf(int symbol) => file.Texts[symbol];

        /// <inheritdoc/>
        protected override bool TryGetList(int id, out SeriesList list)
        {
            list = SeriesList.Empty;
            if (!lists.TryGetValue(id, out var known))
            {
                return false;
            }
            if (known.Last is null || !known.Last.TryGetTarget(out list!))
            {
                list = Expand(known.Count, known.Runs);
                lists[id] = known with { Last = new WeakReference<SeriesList>(list) };
            }
            return true;
        }

        private SeriesList Expand(int count, (int First, int Length)[] runs)
        {
            var numbers = new int[count];
            var filled = 0;
            foreach (var (first, length) in runs)
            {
                places.AsSpan(first, length).CopyTo(numbers.AsSpan(filled));
                filled += length;
            }
            return SeriesList.OfNumbers(numbers);
        }
    }
}
