using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Tributary.Functions.Diagnosis;

/// <summary>When the certificate ends that a server shows.</summary>
internal static class Certificates
{
    /// <summary>The end of its certificate; null when none was shown. Whether it is to be believed is not looked at here.</summary>
    /// <param name="url">The server.</param>
    /// <param name="name">The name to ask for.</param>
    /// <param name="stop">Ends the wait.</param>
    public static async Task<DateTimeOffset?> EndOfAsync(Uri url, string name, CancellationToken stop)
    {
        DateTimeOffset? end = null;
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(url.IdnHost, url.Port, stop);
            await using var network = new NetworkStream(socket, ownsSocket: false);
            await using var secure = new SslStream(network);
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    // Only its date is looked at, and nothing is sent: the request itself checks it.
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        end = certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 shown
                            ? shown.NotAfter.ToUniversalTime()
                            : null;
                        return true;
                    },
                },
                stop
            );
            return end;
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
        {
            // The request itself says what is wrong; a server that wants a certificate of ours has shown its own by then.
            return end;
        }
    }
}
