using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What is known of a source's series: text → label set, and the order in which they came the last time.</summary>
/// <remarks>
/// Series are numbered. The order of the last body predicts which series the next line has, so that a known body costs one
/// hash per line. Several texts of one label set have one canonical number, that of the text seen first.
/// </remarks>
/// <param name="budget">What the series of all sources may take.</param>
internal sealed class SeriesCache(SeriesBudget budget)
{
    /// <summary>How many bodies an entry lives without being used.</summary>
    private const int MaxUnusedBodies = 3;

    /// <summary>How many texts more than twice those of the last usable body may be known.</summary>
    private const int MaxUnusableTexts = 1000;

    private readonly NumberTable byText = new();
    private readonly NumberTable bySeries = new();
    private readonly Stack<int> free = [];
    private Entry[] entries = new Entry[256];
    private int count;
    private int body;
    private bool hasUnused;
    private int allUsedIn;
    private int usableBody;
    private int usableCount;
    private int[] order = [];
    private int orderCount;
    private int[] lines = [];
    private int lineCount;
    private int cursor;
    private long takenBytes;

    /// <summary>How many texts are known.</summary>
    public int Count => byText.Count;

    /// <summary>How many lines the body has so far.</summary>
    public int LineCount => lineCount;

    /// <summary>The number of the series that is expected next; -1 for none.</summary>
    public int Expected => cursor < orderCount ? order[cursor] : -1;

    /// <summary>The entry of a number.</summary>
    public ref Entry this[int number] => ref entries[number];

    /// <summary>Whether the order has texts that are not known, <see cref="TryMarkKnown"/>.</summary>
    public bool HasNewExpected { get; private set; }

    /// <summary>Whether there was no usable body yet.</summary>
    public bool IsFirst => usableBody == 0;

    /// <summary>Begins a body.</summary>
    /// <returns>A number that no body before had.</returns>
    public int Begin()
    {
        lineCount = 0;
        cursor = 0;
        return ++body;
    }

    /// <summary>Takes note of a line with the expected series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcceptExpected(int number)
    {
        cursor++;
        AppendLine(number);
    }

    /// <summary>Takes note of a line, and predicts from its series on.</summary>
    public void Accept(int number)
    {
        var last = entries[number].LastLine;
        cursor = last >= 0 && last < orderCount && order[last] == number ? last + 1 : cursor;
        AppendLine(number);
    }

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

    /// <summary>Adds a text that is not known yet.</summary>
    /// <param name="text">The series as written.</param>
    /// <param name="textHash">Its hash.</param>
    /// <param name="series">The label set to store it under; null to drop it.</param>
    /// <returns>Its number; -1 when there is no memory for it.</returns>
    public int Add(ReadOnlySpan<byte> text, UInt128 textHash, LabelSet? series)
    {
        // A text over several lines is never expected: the reader counts lines only when it scans.
        var textLength = text.Contains((byte)'\n') ? -text.Length : text.Length;
        var cost = SeriesBudget.CostOf(text.Length, series is null);
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
            series = entries[canonical].Series;
        }
        entries[number] = new Entry
        {
            TextHash = textHash,
            TextLength = textLength,
            Canonical = canonical,
            LastLine = -1,
            LastUsed = body,
            Series = series,
        };
        byText.Add(Hash(textHash), number);
        if (series is not null && canonical == number)
        {
            bySeries.Add(series.GetHashCode(), number);
        }
        return number;
    }

    /// <summary>How many lines of the body have a text that stood before; lines of dropped series do not count.</summary>
    public int CountRepeatedLines()
    {
        var seen = new HashSet<int>();
        var repeated = 0;
        foreach (var number in lines.AsSpan(0, lineCount))
        {
            repeated += entries[number].Series is not null && !seen.Add(number) ? 1 : 0;
        }
        return repeated;
    }

    /// <summary>Takes note that a sample with a text was accepted.</summary>
    /// <returns>Whether the text was not known.</returns>
    /// <remarks>
    /// A text is known, as it is in Prometheus' cache, from its first accepted sample on, of whichever body, until a usable
    /// body lacks it: bodies that fail or are empty make nothing forgotten.
    /// </remarks>
    public bool TryMarkKnown(int number)
    {
        if (IsKnown(ref entries[number]))
        {
            return false;
        }
        entries[number].KnownSince = body;
        return true;
    }

    /// <summary>The number of the replica that most of the body's lines are from; 0 for one that does not say.</summary>
    /// <param name="replicas">How many numbers there are.</param>
    public int FindReplica(int replicas)
    {
        var counts = new int[replicas + 1];
        foreach (var number in lines.AsSpan(0, lineCount))
        {
            counts[entries[number].Replica]++;
        }
        return Array.IndexOf(counts, counts.Max());
    }

    /// <summary>Whether the body had a line of this series, stored or not.</summary>
    public bool WasExposed(LabelSet series)
    {
        if (!TryFind(series, out var canonical))
        {
            return false;
        }
        foreach (var number in lines.AsSpan(0, lineCount))
        {
            if (entries[number].Canonical == canonical)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Removes the body's series from a table.</summary>
    public void RemoveExposed(Dictionary<LabelSet, long> table)
    {
        foreach (var number in lines.AsSpan(0, lineCount))
        {
            if (entries[number].Series is { } series)
            {
                table.Remove(series);
            }
        }
    }

    /// <summary>Ends the body: forgets what has not been used for some bodies.</summary>
    /// <param name="verdict">How it ended; a body cut short does not replace the order that it is the beginning of.</param>
    /// <param name="isEmpty">Whether it had no byte.</param>
    /// <returns>Whether the order is now that of this body.</returns>
    public bool End(Verdict verdict, bool isEmpty)
    {
        MarkUsable(verdict is Verdict.Complete or Verdict.Suspect && !isEmpty);
        var now = lines.AsSpan(0, lineCount);
        var before = order.AsSpan(0, orderCount);
        var isBeginning = now.Length <= before.Length && before[..now.Length].SequenceEqual(now);
        var isSame = isBeginning && now.Length == before.Length && verdict is not Verdict.Failed;
        if (isSame && !hasUnused)
        {
            allUsedIn = body;
            return true;
        }
        var isAdopted = verdict is Verdict.Complete || (verdict is not Verdict.Failed && !isBeginning);
        Touch(before, isAdopted ? body - 1 : body);
        Touch(now, body);
        foreach (var number in now)
        {
            entries[number].SeenIn = body;
        }
        if (isAdopted && !isSame)
        {
            (order, lines) = (lines, order);
            (orderCount, lineCount) = (lineCount, 0);
            for (var i = 0; i < orderCount; i++)
            {
                entries[order[i]].LastLine = i;
            }
        }
        Evict();
        // Texts outside the order must be found unused by the next body, even if that has the order's.
        hasUnused |= !isAdopted;
        HasNewExpected = false;
        foreach (var number in order.AsSpan(0, orderCount))
        {
            HasNewExpected |= entries[number].Series is not null && !IsKnown(ref entries[number]);
        }
        return isSame || isAdopted;
    }

    /// <summary>As in Prometheus many texts that only failed bodies have are forgotten, too.</summary>
    private void MarkUsable(bool isUsable)
    {
        if (isUsable || byText.Count > (2L * usableCount) + MaxUnusableTexts)
        {
            usableBody = body;
            usableCount = isUsable ? byText.Count : usableCount;
        }
    }

    private bool IsKnown(ref Entry entry) =>
        entry.KnownSince > 0
        && (
            entry.SeenIn >= usableBody
            || entry.KnownSince >= usableBody
            || (allUsedIn >= usableBody && allUsedIn >= entry.KnownSince)
        );

    /// <summary>Gives the memory back; the cache is not to be used any more.</summary>
    public void Release()
    {
        budget.Return(takenBytes);
        takenBytes = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AppendLine(int number)
    {
        if (lineCount == lines.Length)
        {
            Array.Resize(ref lines, Math.Max(256, 2 * lines.Length));
        }
        lines[lineCount++] = number;
    }

    private void Touch(ReadOnlySpan<int> numbers, int usedIn)
    {
        foreach (var number in numbers)
        {
            ref var entry = ref entries[number];
            entry.LastUsed = Math.Max(entry.LastUsed, usedIn);
            ref var canonical = ref entries[entry.Canonical];
            canonical.LastUsed = Math.Max(canonical.LastUsed, usedIn);
        }
    }

    /// <summary>A text that stays needs the entry of the text that was seen first, however long ago.</summary>
    private void KeepCanonical()
    {
        for (var number = 0; number < count; number++)
        {
            ref var entry = ref entries[number];
            if (
                entry.TextHash != default
                && entry.Canonical != number
                && (body - entry.LastUsed <= MaxUnusedBodies || IsKnown(ref entry))
            )
            {
                ref var canonical = ref entries[entry.Canonical];
                canonical.LastUsed = Math.Max(canonical.LastUsed, body - MaxUnusedBodies);
            }
        }
    }

    private void Evict()
    {
        hasUnused = false;
        KeepCanonical();
        for (var number = 0; number < count; number++)
        {
            ref var entry = ref entries[number];
            if (entry.TextHash == default || entry.LastUsed == body)
            {
                continue;
            }
            if (body - entry.LastUsed <= MaxUnusedBodies || IsKnown(ref entry))
            {
                hasUnused = true;
                continue;
            }
            byText.Remove(Hash(entry.TextHash), number);
            if (entry.Series is not null && entry.Canonical == number)
            {
                bySeries.Remove(entry.Series.GetHashCode(), number);
            }
            var cost = SeriesBudget.CostOf(Math.Abs(entry.TextLength), entry.Series is null);
            budget.Return(cost);
            takenBytes -= cost;
            entry = default;
            free.Push(number);
        }
    }

    /// <summary>One text of a series.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Entry
    {
        /// <summary>The hash of the text; default in a free entry.</summary>
        public UInt128 TextHash;

        /// <summary>The length of the text; negative for one over several lines, which is never expected.</summary>
        public int TextLength;

        /// <summary>The first text's number of the same label set.</summary>
        public int Canonical;

        /// <summary>The line of the last whole body at which the text stood.</summary>
        public int LastLine;

        /// <summary>The body in which the text was last touched.</summary>
        public int LastUsed;

        /// <summary>The body from which on the text is known; 0 before a sample was accepted.</summary>
        public int KnownSince;

        /// <summary>The last body that had the text, but for those that had just the order's.</summary>
        public int SeenIn;

        /// <summary>The body in which the series was last stored; only in the canonical entry.</summary>
        public int StoredIn;

        /// <summary>The position at which that body's columns have it first.</summary>
        public int Position;

        /// <summary>The number of the replica that sent the text, from 1 on; 0 when it does not say.</summary>
        public int Replica;

        /// <summary>The label set; null when the series is dropped.</summary>
        public LabelSet? Series;
    }

    private bool TryFind(LabelSet series, out int number)
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

    private static int Hash(UInt128 textHash) => unchecked((int)(ulong)textHash);
}
