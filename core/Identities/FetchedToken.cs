namespace Tributary.Identities;

/// <summary>A token as it was given.</summary>
/// <param name="Text">The token, a secret.</param>
/// <param name="ExpiresAt">Its end.</param>
/// <param name="RenewAt">When its giver wants to be asked for the next one; null where it does not say.</param>
internal sealed record FetchedToken(string Text, DateTimeOffset ExpiresAt, DateTimeOffset? RenewAt = null)
{
    // The generated one would show the token.
    public override string ToString() => "<secret>";
}
