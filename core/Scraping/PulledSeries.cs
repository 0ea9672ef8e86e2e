using System.Runtime.InteropServices;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What is known of the series that a source sends in pulls: the bytes of its labels → label set and newest sample.</summary>
/// <remarks>Series are numbered. Several texts of one label set have one canonical number, that of the text seen first.</remarks>
/// <param name="budget">What the series of all sources may take.</param>
internal sealed class PulledSeries(SeriesBudget budget)
{
    /// <summary>How many pulls an entry lives without being used.</summary>
    private const int MaxUnusedPulls = 6;

    private readonly NumberTable byText = new();
    private readonly NumberTable bySeries = new();
    private readonly Stack<int> free = [];
    private Entry[] entries = new Entry[256];
    private int count;
    private long takenBytes;

    /// <summary>How many texts are known.</summary>
    public int Count => byText.Count;

    /// <summary>The memory that is taken, in bytes as <see cref="SeriesBudget"/> counts them.</summary>
    public long TakenBytes => takenBytes;

    /// <summary>Whether several texts have one label set.</summary>
    public bool HasShared { get; private set; }

    /// <summary>The entry of a number.</summary>
    public ref Entry this[int number] => ref entries[number];

    /// <summary>The number of a text.</summary>
    public bool TryFind(UInt128 textHash, out int number)
    {
        var slot = byText.Begin(Hash(textHash));
        while (byText.TryNext(ref slot, out number))
        {
            if (entries[number].TextHash == textHash)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The canonical number of a label set.</summary>
    public bool TryFind(LabelSet series, out int number)
    {
        var slot = bySeries.Begin(series.GetHashCode());
        while (bySeries.TryNext(ref slot, out number))
        {
            if (series.Equals(entries[number].Series))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Forgets what is stored of each series.</summary>
    public void ForgetTimes()
    {
        for (var number = 0; number < count; number++)
        {
            (entries[number].StoredMs, entries[number].NewestMs) = (0, 0);
        }
    }

    /// <summary>Adds a text that is not known yet.</summary>
    /// <returns>Its number; −1 when there is no memory for it.</returns>
    public int Add(UInt128 textHash, int textLength, LabelSet? series, int pull)
    {
        var cost = SeriesBudget.CostOf(textLength, series is null);
        if (!budget.TryTake(cost, takenBytes))
        {
            return -1;
        }
        takenBytes += cost;
        if (!free.TryPop(out var number))
        {
            number = count++;
            if (number == entries.Length)
            {
                Array.Resize(ref entries, 2 * entries.Length);
            }
        }
        var canonical = number;
        if (series is not null && TryFind(series, out var known))
        {
            canonical = known;
            series = entries[known].Series;
            HasShared = true;
        }
        entries[number] = new Entry
        {
            TextHash = textHash,
            TextLength = textLength,
            Canonical = canonical,
            Next = -1,
            LastUsed = pull,
            Series = series,
        };
        byText.Add(Hash(textHash), number);
        if (series is not null && canonical == number)
        {
            bySeries.Add(series.GetHashCode(), number);
        }
        return number;
    }

    /// <summary>Forgets what has not been used for some pulls.</summary>
    public void Evict(int pull)
    {
        var hasShared = false;
        for (var number = 0; number < count; number++)
        {
            ref var entry = ref entries[number];
            if (entry.TextHash == default)
            {
                continue;
            }
            if (pull - entry.LastUsed <= MaxUnusedPulls || pull - entries[entry.Canonical].LastUsed <= MaxUnusedPulls)
            {
                hasShared |= entry.Canonical != number;
                continue;
            }
            byText.Remove(Hash(entry.TextHash), number);
            if (entry.Series is not null && entry.Canonical == number)
            {
                bySeries.Remove(entry.Series.GetHashCode(), number);
            }
            var cost = SeriesBudget.CostOf(entry.TextLength, entry.Series is null);
            budget.Return(cost);
            takenBytes -= cost;
            entry = default;
            free.Push(number);
        }
        HasShared = hasShared;
    }

    /// <summary>Gives the memory back; this is not to be used any more.</summary>
    public void Release()
    {
        budget.Return(takenBytes);
        takenBytes = 0;
    }

    private static int Hash(UInt128 textHash) => unchecked((int)(ulong)textHash);

    /// <summary>One text of a series.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Entry
    {
        /// <summary>The hash of the text; default in a free entry.</summary>
        public UInt128 TextHash;

        /// <summary>The length of the text.</summary>
        public int TextLength;

        /// <summary>The first text's number of the same label set.</summary>
        public int Canonical;

        /// <summary>The series that came behind this one the last time; −1 for none.</summary>
        public int Next;

        /// <summary>The pull in which the text was used last.</summary>
        public int LastUsed;

        /// <summary>Samples of the series in this pull; only in the canonical entry.</summary>
        public int Samples;

        /// <summary>The newest sample that is stored, milliseconds since the epoch; 0 for none.</summary>
        public long StoredMs;

        /// <summary>The newest sample of this pull or before.</summary>
        public long NewestMs;

        /// <summary>The time between the last two samples; 0 when there were none.</summary>
        public long SpacingMs;

        /// <summary>The label set; null when the series is dropped.</summary>
        public LabelSet? Series;

        /// <summary>Whether the series is one that is nowhere: it has no name.</summary>
        public bool IsNameless;
    }
}
