namespace Tributary.RemoteWrite.Sending;

/// <summary>What was done for a destination, counted. Safe for several threads.</summary>
internal sealed class DestinationCounts
{
    private readonly Lock gate = new();
    private DestinationFigures figures;

    public DestinationCounts(string name, string url) => figures = new DestinationFigures(name, url);

    /// <summary>The figures as they are now.</summary>
    public DestinationFigures Now
    {
        get
        {
            lock (gate)
            {
                return figures;
            }
        }
    }

    /// <summary>Changes them.</summary>
    public void Add(Func<DestinationFigures, DestinationFigures> change)
    {
        lock (gate)
        {
            figures = change(figures);
        }
    }
}
