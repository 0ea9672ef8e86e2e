using System.Runtime.CompilerServices;
using Azure.Core;

namespace Tributary.Identities;

/// <summary>All tokens of this process: one for each identity and audience, whoever needs it. Safe for several threads.</summary>
public sealed class TokenPool
{
    /// <summary>Configurations that change, secrets among them, leave identities behind that nobody asks for any more.</summary>
    private const int MaxTokens = 256;

    /// <summary>One for each clock: a process has one, and simulations have their own.</summary>
    private static readonly ConditionalWeakTable<TimeProvider, TokenPool> Pools = [];

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Func<string, string?> environment;
    private readonly ITokenGiver giver;
    private readonly Dictionary<AzureIdentity, IdentitySource> sources = [];
    private readonly Dictionary<(AzureIdentity Identity, string Scope), TokenKeeper> tokens = [];

    internal TokenPool(TimeProvider time, Func<string, string?> environment, ITokenGiver giver)
    {
        this.time = time;
        this.environment = environment;
        this.giver = giver;
    }

    /// <summary>The pool of this process, by its clock.</summary>
    public static TokenPool For(TimeProvider time) =>
        Pools.GetValue(
            time,
            static clock => new TokenPool(
                clock,
                Environment.GetEnvironmentVariable,
                new TokenGiver(Environment.GetEnvironmentVariable, clock)
            )
        );

    /// <summary>A keeper beside the pool, for a credential that somebody else has made.</summary>
    internal static TokenKeeper Of(TokenCredential credential, string scope, TimeProvider time) =>
        new(token => EntraCredentials.AskAsync(() => credential, AzureIdentity.OfProcess, scope, token), time);

    /// <summary>The token of an identity for an audience; nothing is asked yet.</summary>
    internal TokenKeeper Of(AzureIdentity identity, string scope)
    {
        lock (gate)
        {
            if (!tokens.TryGetValue((identity, scope), out var keeper))
            {
                if (tokens.Count == MaxTokens)
                {
                    tokens.Clear();
                    sources.Clear();
                }
                var source = SourceOf(identity);
                keeper = new TokenKeeper(token => source.FetchAsync(scope, token), time);
                tokens.Add((identity, scope), keeper);
            }
            return keeper;
        }
    }

    /// <summary>Who an identity has turned out to be, for people.</summary>
    internal string NameOf(AzureIdentity identity)
    {
        lock (gate)
        {
            return SourceOf(identity).Identity.ToString();
        }
    }

    private IdentitySource SourceOf(AzureIdentity identity)
    {
        if (!sources.TryGetValue(identity, out var source))
        {
            source = new IdentitySource(identity, environment, giver);
            sources.Add(identity, source);
        }
        return source;
    }
}
