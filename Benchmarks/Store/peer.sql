INSERT INTO peer (organisation, id, version, entry, position, digest, body, observed_at, state)
VALUES (decode(repeat('01', 16), 'hex'), decode(md5(random()::text), 'hex'), 1, (random() * 9e18)::bigint, 0,
    decode(repeat('01', 32), 'hex'), decode(repeat('61', 389), 'hex'), 1, 1);
