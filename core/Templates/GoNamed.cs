namespace Tributary.Templates;

/// <summary>A number with a name: a month, a day of the week.</summary>
/// <param name="Type">Its type in Go.</param>
/// <param name="Value">The number.</param>
/// <param name="Name">What it is printed as.</param>
internal sealed record GoNamed(string Type, long Value, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
