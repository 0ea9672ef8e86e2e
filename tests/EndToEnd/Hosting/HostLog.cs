using System.Globalization;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>What the host logs, line by line.</summary>
internal sealed class HostLog
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];

    public string Text
    {
        get
        {
            lock (gate)
            {
                return string.Join('\n', lines);
            }
        }
    }

    public void Write(string text)
    {
        lock (gate)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"[{DateTime.UtcNow:HH:mm:ss.fff}] {text}"));
        }
    }
}
