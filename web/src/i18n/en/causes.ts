import type { Cause } from '../../api/types';

/** A cause in plain words: what it means, and what to look at next. */
export interface CauseWords {
  meaning: string;
  next: string;
}

export const causes: Record<Cause, CauseWords> = {
  nxdomain: {
    meaning: 'The resolver says that this name does not exist.',
    next: "Check the spelling and the domain's registration, then the zone at its name servers.",
  },
  servfail: {
    meaning: 'The resolver could not find out: the name servers of the domain failed it.',
    next: "Ask the domain's name servers directly; broken DNSSEC is a frequent reason.",
  },
  no_address: {
    meaning: 'The name exists, but has no address of the family that was asked for.',
    next: 'Look for its A and AAAA records, or test with the other address family.',
  },
  bad_answer: {
    meaning: "The resolver's answer made no sense or did not belong to the question.",
    next: 'Ask the same resolver with dig, and compare with another one.',
  },
  refused: {
    meaning:
      'The other side is there and said no: nothing listens on the port, or a filter refuses.',
    next: 'See whether the service runs and listens on this address, and what its firewall rejects.',
  },
  unreachable: {
    meaning: 'The network says that there is no way to this address.',
    next: 'Look at the route to it from this city, and whether the agent has this address family.',
  },
  reset: {
    meaning: 'The connection was cut off with a reset.',
    next: "Look at load balancers and firewalls on the way, and at the server's log at this time.",
  },
  closed: {
    meaning: 'The server closed the connection before its answer was complete.',
    next: "Look at the server's error log; crashed workers and idle limits end connections this way.",
  },
  timeout: {
    meaning: 'Nothing came within the time limit.',
    next: 'See which phase stood still: packets may be dropped on the way, or the server is slow.',
  },
  unknown_issuer: {
    meaning: 'The certificate was issued by nobody whom the agent trusts.',
    next: 'See whether the server sends its intermediate certificates, and who issued them.',
  },
  name_mismatch: {
    meaning: 'The certificate is for other names than the one that was asked for.',
    next: "Compare the URL's host with the certificate; a wrong default site is a frequent reason.",
  },
  expired: {
    meaning: 'The certificate has expired.',
    next: 'Renew it, and see whether every edge serves the new one.',
  },
  handshake: {
    meaning: 'The two sides could not agree on TLS.',
    next: 'Compare the TLS versions and ciphers of the server with those of the agent.',
  },
  protocol: {
    meaning: 'What came back does not follow HTTP, or is of another version than was asked for.',
    next: 'See what really listens on this port: HTTPS asked as HTTP looks like this as well.',
  },
  address_not_allowed: {
    meaning: 'The name leads to an address that the agent may not probe, such as a private one.',
    next: "Check the DNS records; the agent's operator can allow a network with --allow-network.",
  },
  invalid_url: {
    meaning: 'This is no URL that an agent can ask for.',
    next: "Check the URL's scheme, host and port.",
  },
  cancelled: {
    meaning:
      'The probe was stopped before it ended: the agent went down, or the collector cancelled it.',
    next: 'Run the test again; nothing is known about the target.',
  },
  overloaded: {
    meaning: 'The agent had too much to do already and did not begin this probe.',
    next: 'Run the test again later; nothing is known about the target.',
  },
  offline: {
    meaning: 'The agent was not connected to the collector.',
    next: 'Look after the agent and its way to the collector; nothing is known about the target.',
  },
  deadline: {
    meaning: "The agent had not reported when the test's time was over.",
    next: 'Look after the agent and its way to the collector; nothing is known about the target.',
  },
  internal: {
    meaning: 'The agent itself failed, in a way that should not happen.',
    next: "Look at the agent's log; nothing is known about the target.",
  },
  not_yet_valid: {
    meaning: 'The certificate is not valid yet.',
    next: 'Compare its first day with the clocks of the agent and of whoever issued it.',
  },
  self_signed: {
    meaning:
      'The certificate, or one above it, is signed by itself and not by a trusted authority.',
    next: "Install a certificate of a public authority, or see who answers in the server's place.",
  },
  bad_certificate: {
    meaning: 'The certificate cannot be accepted: it is broken, revoked, or not meant for servers.',
    next: 'Look at the certificate and its whole chain with openssl s_client.',
  },
  alert: {
    meaning: "The server's TLS ended the handshake with an alert.",
    next: "The alert's number says why; look at the server's TLS settings for this host name.",
  },
  port_not_allowed: {
    meaning: 'The agent may not probe this port.',
    next: 'Use one of the ports that its operator allows; by default 80, 443, 8080 and 8443.',
  },
  unsupported: {
    meaning: 'The agent cannot do what was asked for, such as this HTTP version.',
    next: 'Choose another version, or an agent that was built with it.',
  },
  bad_redirect: {
    meaning: 'The redirect leads to nowhere that can be followed.',
    next: 'Look at the Location header of the last hop.',
  },
  too_many_redirects: {
    meaning: 'There were more redirects than were to be followed.',
    next: 'See in the hops whether they go in a circle, or allow more of them.',
  },
  unexpected_status: {
    meaning: 'An answer came, but with another status than was expected.',
    next: 'Compare the status and the headers with the expectation.',
  },
  unexpected_header: {
    meaning: 'An answer came, but a header was missing or had another value than was expected.',
    next: 'Compare the response headers with the expectation.',
  },
  certificate_expiring: {
    meaning: 'The certificate is still valid, but not for as long as was expected.',
    next: 'Renew it, and see why the automatic renewal did not.',
  },
  too_slow: {
    meaning: 'A good answer came, but its first byte later than was expected.',
    next: 'See in the phases where the time went, and whether other cities have the same.',
  },
};
