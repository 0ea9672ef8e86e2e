using System.Runtime.InteropServices;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>The series of several log files, each once, in little memory: labels go to temporary storage and are sorted there.</summary>
/// <remarks>
/// In memory are the texts of all labels once, and about 40 bytes a series. Order of calls: <see cref="Begin"/> and
/// <see cref="End"/> for each file, with the file scanned in between; <see cref="Sort"/>.
/// </remarks>
/// <param name="options">Where temporary files go, and how much memory there is.</param>
internal sealed class SeriesCatalog(CompactionOptions options) : IDisposable
{
    /// <summary>Of the memory, the part that series may take while they are sorted.</summary>
    private const int SortPart = 8;
    private const long ScratchMemoryBytes = 8 * 1024 * 1024;

    private readonly SymbolPool symbols = new();
    private readonly HashNumbers series = new();
    private readonly ScratchFile labels = new(options.Folder, ScratchMemoryBytes);
    private readonly ScratchFile numbers = new(options.Folder, ScratchMemoryBytes);
    private readonly List<CatalogedFile> files = [];
    private FileLabels? open;
    private bool isTaken;

    /// <summary>Series so far.</summary>
    public int Count => series.Count;

    /// <summary>Takes the labels of the next file while it is decoded for the first time.</summary>
    public LabelsDecoder Begin() => open = new FileLabels(this);

    /// <summary>The file is over.</summary>
    public void End()
    {
        files.Add(new CatalogedFile(open!.Series, open.Symbols, open.Texts));
        open = null;
    }

    /// <summary>All series in order. The catalog takes nothing more.</summary>
    public SortedSeries Sort()
    {
        labels.Complete();
        numbers.Complete();
        var (table, places) = symbols.Sort();
        var sort = new SeriesSort(options.Folder, options.MemoryBytes / SortPart);
        var (run, ranks) = sort.Run(labels, series.Count, places);
        isTaken = true;
        return new SortedSeries(table, run, ranks, numbers, files);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        labels.Dispose();
        if (!isTaken)
        {
            numbers.Dispose();
        }
    }

    private static void Put(ScratchFile scratch, ReadOnlySpan<uint> values)
    {
        var target = scratch.Reserve(values.Length * 5);
        var used = 0;
        foreach (var number in values)
        {
            var value = number;
            for (; value >= 0x80; value >>= 7)
            {
                target[used++] = (byte)(value | 0x80);
            }
            target[used++] = (byte)value;
        }
        scratch.Advance(used);
    }

    /// <summary>One file's labels on their way into the catalog; it knows no lists, because nothing is decoded yet.</summary>
    private sealed class FileLabels(SeriesCatalog catalog) : LabelsDecoder
    {
        private readonly List<uint> symbols = [];
        private uint[] record = new uint[64];

        public int Series { get; private set; }

        public int Symbols => symbols.Count;

        /// <summary>The symbols that were asked for, such as the names of sources.</summary>
        public Dictionary<int, string> Texts { get; } = [];

        /// <inheritdoc/>
        public override int SeriesCount => Series;

        /// <inheritdoc/>
        protected override int SymbolCount => symbols.Count;

        /// <inheritdoc/>
        protected override void AddSymbol(ReadOnlySpan<byte> text) => symbols.Add((uint)catalog.symbols.Number(text));

        /// <inheritdoc/>
        protected override void AddSeries(
            ref ByteReader input,
            int shared,
            ReadOnlySpan<(uint Name, uint Value)> labels
        )
        {
            var length = 1 + (2 * labels.Length);
            if (record.Length < length)
            {
                record = new uint[length * 2];
            }
            record[0] = (uint)labels.Length;
            for (var i = 0; i < labels.Length; i++)
            {
                record[1 + (2 * i)] = symbols[(int)labels[i].Name];
                record[2 + (2 * i)] = symbols[(int)labels[i].Value];
                if (
                    i > 0
                    && i >= shared
                    && catalog
                        .symbols[(int)record[(2 * i) - 1]]
                        .SequenceCompareTo(catalog.symbols[(int)record[1 + (2 * i)]]) >= 0
                )
                {
                    throw input.Corrupt("labels not sorted or not unique");
                }
            }
            var all = record.AsSpan(0, length);
            if (catalog.series.TryAdd(ByteHash.Compute128(MemoryMarshal.AsBytes(all)), out var number))
            {
                Put(catalog.labels, all);
            }
            Put(catalog.numbers, [(uint)number]);
            Series++;
        }

        /// <inheritdoc/>
        protected override void AddList(int id, int count, IReadOnlyList<(int First, int Length)> series) { }

        /// <inheritdoc/>
        protected override string TextOf(int symbol)
        {
            if (!Texts.TryGetValue(symbol, out var text))
            {
                text = System.Text.Encoding.UTF8.GetString(catalog.symbols[(int)symbols[symbol]]);
                Texts.Add(symbol, text);
            }
            return text;
        }

        /// <inheritdoc/>
        protected override bool TryGetList(int id, out SeriesList list)
        {
            list = SeriesList.Empty;
            return true;
        }
    }
}

/// <summary>What is kept of a file between its two readings.</summary>
/// <param name="Series">Series that it names.</param>
/// <param name="Symbols">Symbols that it names.</param>
/// <param name="Texts">The symbols that its records name, such as sources.</param>
internal sealed record CatalogedFile(int Series, int Symbols, IReadOnlyDictionary<int, string> Texts);
