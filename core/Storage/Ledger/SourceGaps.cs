using Tributary.Binary;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Ledger;

/// <summary>The gaps of one source: one row. docs/formats/sources.md is the page.</summary>
/// <remarks>
/// Every moment has a state, which only rises: nothing, open, given up, filled. So processes that know different things
/// come to the same gaps in whatever order they hear of each other, and the same gap found twice is one.
/// </remarks>
/// <param name="Source">The key of the source.</param>
public sealed record SourceGaps(string Source)
{
    /// <summary>Gaps that are kept of a source.</summary>
    public const int MaxGaps = 100;

    /// <summary>Characters of a reason; longer ones are cut.</summary>
    internal const int MaxTextChars = 300;

    /// <summary>So much of a row is for texts; what does not fit is left out, so that the gaps themselves always fit.</summary>
    private const int MaxTextBytes = 40_000;

    /// <summary>The gaps by time, none overlapping.</summary>
    public IReadOnlyList<SourceGap> All { get; init; } = [];

    /// <summary>How many are not kept any more, because there were too many.</summary>
    public long Dropped { get; init; }

    /// <summary>Where the oldest gap begins that is to be filled; null without one.</summary>
    public long? OldestOpenMs => All.FirstOrDefault(gap => gap.State is GapState.Open)?.FromMs;

    /// <summary>How many are to be filled.</summary>
    public int OpenCount => All.Count(gap => gap.State is GapState.Open);

    /// <summary>These gaps and one more.</summary>
    public SourceGaps With(SourceGap gap) =>
        gap.ToMs <= gap.FromMs
            ? this
            : Normal([.. All, gap with { Reason = Cut(gap.Reason), Note = Cut(gap.Note) }], Dropped);

    /// <summary>What two processes know together.</summary>
    public SourceGaps Merge(SourceGaps other) =>
        other.All.Count == 0 && other.Dropped <= Dropped
            ? this
            : Normal([.. All, .. other.All], Math.Max(Dropped, other.Dropped));

    /// <summary>Where there are gaps in an interval, they get a higher state; elsewhere nothing changes.</summary>
    /// <param name="fromMs">Where it begins.</param>
    /// <param name="toMs">Where it ends.</param>
    /// <param name="state">The state.</param>
    /// <param name="note">Why.</param>
    public SourceGaps Raise(long fromMs, long toMs, GapState state, string note)
    {
        var raised = new List<SourceGap>(All);
        foreach (var gap in All)
        {
            var (from, to) = (Math.Max(gap.FromMs, fromMs), Math.Min(gap.ToMs, toMs));
            if (from < to && gap.State < state)
            {
                raised.Add(new SourceGap(from, to, state, gap.Reason, Cut(note)));
            }
        }
        return raised.Count == All.Count ? this : Normal(raised, Dropped);
    }

    /// <summary>Without those that are settled and ended before a time.</summary>
    public SourceGaps Without(long beforeMs) =>
        All.Any(gap => IsOver(gap, beforeMs))
            ? this with
            {
                All = [.. All.Where(gap => !IsOver(gap, beforeMs))],
            }
            : this;

    /// <summary>Whether both say the same.</summary>
    public bool IsSame(SourceGaps other) => Dropped == other.Dropped && All.SequenceEqual(other.All);

    /// <summary>The row's properties.</summary>
    internal Dictionary<string, object> Encode()
    {
        var texts = new List<string> { "" };
        var bytes = 0;
        var writer = RowBytes.Begin();
        var gaps = All.Select(gap => (Gap: gap, Reason: Number(gap.Reason), Note: Number(gap.Note))).ToList();
        writer.WriteString(Source);
        writer.WriteUvarint((ulong)Dropped);
        writer.WriteUvarint((ulong)texts.Count);
        texts.ForEach(writer.WriteString);
        writer.WriteUvarint((ulong)gaps.Count);
        foreach (var (gap, reason, note) in gaps)
        {
            writer.WriteVarint(gap.FromMs);
            writer.WriteUvarint((ulong)(gap.ToMs - gap.FromMs));
            writer.WriteByte((byte)gap.State);
            writer.WriteUvarint((ulong)reason);
            writer.WriteUvarint((ulong)note);
        }
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };

        int Number(string text)
        {
            var known = texts.IndexOf(text);
            if (known >= 0)
            {
                return known;
            }
            bytes += System.Text.Encoding.UTF8.GetByteCount(text);
            if (bytes > MaxTextBytes)
            {
                return 0;
            }
            texts.Add(text);
            return texts.Count - 1;
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static SourceGaps Decode(TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var source = reader.ReadString();
        var dropped = RowBytes.ReadLong(ref reader, "a count");
        var texts = new string[RowBytes.ReadCount(ref reader, (2 * MaxGaps) + 1, "texts")];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }
        var gaps = new SourceGap[RowBytes.ReadCount(ref reader, MaxGaps, "gaps")];
        var lastMs = long.MinValue;
        for (var i = 0; i < gaps.Length; i++)
        {
            var fromMs = reader.ReadVarint();
            var lengthMs = RowBytes.ReadLong(ref reader, "a length");
            var state = (GapState)reader.ReadByte();
            var (reason, note) = (reader.ReadUvarint(), reader.ReadUvarint());
            if (
                fromMs < lastMs
                || lengthMs < 1
                || lengthMs > long.MaxValue - Math.Max(fromMs, 0)
                || state > GapState.Filled
                || reason >= (ulong)texts.Length
                || note >= (ulong)texts.Length
            )
            {
                throw reader.Corrupt($"gap {i} is none");
            }
            lastMs = fromMs + lengthMs;
            gaps[i] = new SourceGap(fromMs, lastMs, state, texts[reason], texts[note]);
        }
        RowBytes.RequireEnd(ref reader);
        return new SourceGaps(source) { All = gaps, Dropped = dropped };
    }

    private static bool IsOver(SourceGap gap, long beforeMs) => gap.State is not GapState.Open && gap.ToMs < beforeMs;

    private static string Cut(string text) => text.Length <= MaxTextChars ? text : text[..(MaxTextChars - 1)] + "…";

    /// <summary>Cuts gaps at each other's ends, keeps the strongest of each piece, and joins pieces that say the same.</summary>
    private SourceGaps Normal(List<SourceGap> gaps, long dropped)
    {
        var ends = gaps.SelectMany(gap => new[] { gap.FromMs, gap.ToMs }).Distinct().Order().ToList();
        var pieces = new List<SourceGap>();
        for (var i = 0; i + 1 < ends.Count; i++)
        {
            SourceGap? strongest = null;
            foreach (var gap in gaps)
            {
                if (gap.FromMs <= ends[i] && gap.ToMs >= ends[i + 1])
                {
                    strongest = strongest is null ? gap : SourceGap.Stronger(strongest, gap);
                }
            }
            if (strongest is not null)
            {
                Append(pieces, strongest with { FromMs = ends[i], ToMs = ends[i + 1] });
            }
        }
        while (pieces.Count > MaxGaps)
        {
            var settled = pieces.FindIndex(gap => gap.State is not GapState.Open);
            if (settled >= 0)
            {
                pieces.RemoveAt(settled);
                dropped++;
            }
            else
            {
                JoinNearest(pieces);
            }
        }
        return this with { All = pieces, Dropped = dropped };
    }

    private static void Append(List<SourceGap> pieces, SourceGap next)
    {
        if (
            pieces.Count > 0
            && pieces[^1] is var last
            && last.ToMs == next.FromMs
            && last.State == next.State
            && string.Equals(last.Note, next.Note, StringComparison.Ordinal)
        )
        {
            pieces[^1] = last with { ToMs = next.ToMs };
        }
        else
        {
            pieces.Add(next);
        }
    }

    /// <summary>Makes one of the two open gaps that are nearest: filling what lies between does no harm.</summary>
    private static void JoinNearest(List<SourceGap> open)
    {
        var nearest = 1;
        for (var i = 2; i < open.Count; i++)
        {
            if (open[i].FromMs - open[i - 1].ToMs < open[nearest].FromMs - open[nearest - 1].ToMs)
            {
                nearest = i;
            }
        }
        open[nearest - 1] = open[nearest - 1] with { ToMs = open[nearest].ToMs };
        open.RemoveAt(nearest);
    }
}
