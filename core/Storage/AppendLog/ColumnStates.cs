namespace Tributary.Storage.AppendLog;

/// <summary>The column states of all slots of one file, on one way through it.</summary>
internal sealed class ColumnStates
{
    private readonly Dictionary<(string Source, bool Added, int Slice), ColumnState> slots = [];

    /// <summary>The state of a slot; a fresh one at first.</summary>
    public ColumnState Of(string source, bool added, int slice)
    {
        if (!slots.TryGetValue((source, added, slice), out var state))
        {
            slots.Add((source, added, slice), state = new ColumnState());
        }
        return state;
    }
}
