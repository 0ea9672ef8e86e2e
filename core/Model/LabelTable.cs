namespace Tributary.Model;

/// <summary>Makes equal labels one object, so that a label used by many series is stored once. Safe for several threads.</summary>
/// <remarks>
/// Two generations: <see cref="Age"/> retires what was not used since the call before. A retired label stays valid; it is
/// only no longer shared.
/// </remarks>
public sealed class LabelTable
{
    private readonly Lock gate = new();
    private Dictionary<TextKey, Label> young = [];
    private Dictionary<TextKey, Label> old = [];

    /// <summary>Labels in use, of both generations.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return young.Count + old.Count;
            }
        }
    }

    /// <summary>The shared label of an unescaped name and value.</summary>
    public Label Intern(string name, string value)
    {
        var label = new Label(name, value);
        lock (gate)
        {
            return Find(label.Text, out var found) ? found : Add(label);
        }
    }

    /// <summary>The shared label with exactly this escaped text, if there is one.</summary>
    /// <param name="text"><c>name="value"</c> as <see cref="Label.Text"/>, not kept.</param>
    /// <param name="label">The label found.</param>
    public bool TryFind(ReadOnlySpan<byte> text, out Label label)
    {
        lock (gate)
        {
            return Find(text, out label);
        }
    }

    /// <summary>Forgets the labels that were not asked for since the last call.</summary>
    public void Age()
    {
        lock (gate)
        {
            old = young;
            young = [];
        }
    }

    private bool Find(ReadOnlySpan<byte> text, out Label label)
    {
        var lookup = new TextKey(ByteHash.Compute128(text));
        if (young.TryGetValue(lookup, out label!))
        {
            return true;
        }
        if (old.Remove(lookup, out label!))
        {
            young.Add(lookup, label);
            return true;
        }
        return false;
    }

    private Label Add(Label label)
    {
        young.Add(new TextKey(ByteHash.Compute128(label.Text)), label);
        return label;
    }

    private readonly record struct TextKey(UInt128 Hash)
    {
        public override int GetHashCode() => unchecked((int)(ulong)Hash);
    }
}
