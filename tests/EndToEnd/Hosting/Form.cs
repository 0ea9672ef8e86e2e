namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The ways to run that the core must not notice.</summary>
/// <remarks>
/// Some tests have no such ways, because under the host there is nothing to test: the command line (its verbs, options and
/// exit codes), listening (<c>--listen</c>, <c>--web.*</c>, TLS of our own), and signals. The host decides all of these.
/// </remarks>
public enum Form
{
    /// <summary><c>tributary serve</c> over a folder.</summary>
    StandaloneLocal,

    /// <summary><c>tributary serve</c> over Azurite.</summary>
    StandaloneAzurite,

    /// <summary>A function app over Azurite.</summary>
    FunctionsAzurite,
}
