namespace Tributary.Storage.Indexes;

/// <summary>Collects which series have which label, and gives the lists back label by label, in order, within bounds.</summary>
/// <remarks>
/// Each series leaves the numbers of its labels in a scratch file. The lists are filled in passes over it, as many labels
/// a pass as the budget of entries allows, so memory does not grow with series times labels.
/// </remarks>
internal sealed class PostingsCollector(string folder, long scratchMemoryBytes, int entriesPerPass) : IDisposable
{
    private readonly ScratchFile scratch = new(folder, scratchMemoryBytes);
    private readonly PairTable pairs = new();
    private int[] counts = new int[1024];
    private uint[] series = new uint[1024];
    private LabelRef[] lastLabels = [];
    private int[] lastNumbers = [];
    private int[] cursors = [];
    private uint[] lists = [];
    private int seriesCount;

    /// <summary>The references of all series.</summary>
    public ReadOnlyMemory<uint> Series => series.AsMemory(0, seriesCount);

    /// <summary>Adds a series, whose reference is greater than the last one.</summary>
    public void Add(uint reference, ReadOnlySpan<LabelRef> labels)
    {
        if (seriesCount == series.Length)
        {
            Array.Resize(ref series, seriesCount * 2);
        }
        series[seriesCount++] = reference;
        if (lastLabels.Length < labels.Length)
        {
            Array.Resize(ref lastLabels, labels.Length);
            Array.Resize(ref lastNumbers, labels.Length);
        }
        var target = scratch.Reserve((labels.Length + 1) * 5);
        var used = PutUvarint(target, (uint)labels.Length);
        for (var i = 0; i < labels.Length; i++)
        {
            // Series are sorted, so most labels are those of the series before, at the same place.
            if (lastLabels[i] != labels[i] || seriesCount == 1)
            {
                lastLabels[i] = labels[i];
                lastNumbers[i] = pairs.Number(labels[i].Key);
                if (pairs.Count > counts.Length)
                {
                    Array.Resize(ref counts, counts.Length * 2);
                }
            }
            counts[lastNumbers[i]]++;
            used += PutUvarint(target[used..], (uint)lastNumbers[i]);
        }
        scratch.Advance(used);
    }

    /// <summary>Ends adding: the labels in order, with the length of each list.</summary>
    public PostingsPlan Complete()
    {
        var keys = pairs.Keys.ToArray();
        var numbers = new int[keys.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }
        Array.Sort(keys, numbers);
        var lengths = new int[keys.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            lengths[i] = counts[numbers[i]];
        }
        return new PostingsPlan(keys, lengths, numbers, scratch.Complete());
    }

    /// <summary>The labels of the next pass: as many as fit the budget, at least one.</summary>
    public int PassEnd(PostingsPlan plan, int first)
    {
        var end = first;
        long entries = 0;
        while (end < plan.Count && (end == first || entries + plan.Lengths[end] <= entriesPerPass))
        {
            entries += plan.Lengths[end++];
        }
        return end;
    }

    /// <summary>
    /// The lists of labels <paramref name="first"/> to <paramref name="end"/>, one behind the other; valid until the next call.
    /// </summary>
    public uint[] Fill(PostingsPlan plan, int first, int end)
    {
        // Where the next series of a label goes; -1 for labels of other passes.
        if (cursors.Length < plan.Count)
        {
            cursors = new int[plan.Count];
        }
        Array.Fill(cursors, -1);
        var total = 0;
        for (var i = first; i < end; i++)
        {
            cursors[plan.Numbers[i]] = total;
            total += plan.Lengths[i];
        }
        if (lists.Length < total)
        {
            lists = new uint[total];
        }
        var next = 0;
        for (var part = 0; part < plan.Parts; part++)
        {
            var records = scratch.Read(part);
            while (records.Length > 0)
            {
                var reference = series[next++];
                for (var labels = TakeUvarint(ref records); labels > 0; labels--)
                {
                    ref var cursor = ref cursors[TakeUvarint(ref records)];
                    if (cursor >= 0)
                    {
                        lists[cursor++] = reference;
                    }
                }
            }
        }
        return lists;
    }

    /// <inheritdoc/>
    public void Dispose() => scratch.Dispose();

    private static int PutUvarint(Span<byte> target, uint value)
    {
        var used = 0;
        while (value >= 0x80)
        {
            target[used++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[used++] = (byte)value;
        return used;
    }

    private static uint TakeUvarint(ref ReadOnlySpan<byte> source)
    {
        var value = 0u;
        var used = 0;
        byte b;
        do
        {
            b = source[used];
            value |= (b & 0x7fu) << (7 * used++);
        } while (b >= 0x80);
        source = source[used..];
        return value;
    }
}
