using System.Globalization;
using System.Text;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What happened in a run, in order, and a hash of it: equal hashes, equal runs.</summary>
internal sealed class SimulationTrace
{
    private const ulong Prime = 0x100000001B3;
    private const int LinesShown = 2000;
    private readonly List<TraceEntry> entries = [];

    public IReadOnlyList<TraceEntry> Entries => entries;

    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    public void Add(TraceEntry entry)
    {
        entries.Add(entry);
        Mix((ulong)entry.At.Ticks);
        Mix(entry.Who);
        Mix(entry.What);
        Mix(entry.Name);
        Mix((ulong)entry.Argument);
        Mix(entry.Outcome);
    }

    /// <summary>The last lines, as text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var first = Math.Max(0, entries.Count - LinesShown);
        if (first > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"… {first} lines before\n");
        }
        foreach (var entry in entries.Skip(first))
        {
            text.Append(CultureInfo.InvariantCulture, $"{entry.At.TotalSeconds, 11:F4} {entry.Who, -8} {entry.What} ");
            text.Append(entry.Name);
            if (entry.Argument >= 0)
            {
                text.Append(CultureInfo.InvariantCulture, $" @{entry.Argument}");
            }
            text.Append(entry.Outcome.Length > 0 ? " → " : "").Append(entry.Outcome).Append('\n');
        }
        return text.ToString();
    }

    private void Mix(ulong value) => Hash = (Hash ^ value) * Prime;

    private void Mix(string text)
    {
        foreach (var character in text)
        {
            Mix(character);
        }
        Mix((ulong)text.Length);
    }
}
